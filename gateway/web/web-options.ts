import type { Clock } from '../kernel/clock.js';
import type { Log } from '../kernel/log.js';
import type { Secret } from '../kernel/secret.js';
import type { BrowserFlows } from '../signaling/browser-flows.js';
import type { FindUser } from '../signaling/users.js';
import type { Site } from './sites/site.js';
import type { SipUplinkFactory } from './sip-uplink.js';
import type { TurnSettings } from './turn-credentials.js';

/** Limits of the browsers' WebSockets. */
export interface WebSocketLimits {
  readonly frameLimitBytes: number;
  /** Sustained rate of one WebSocket; twice as many at once are tolerated. */
  readonly messagesPerSecond: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly firstMessageTimeoutSeconds: number;
  readonly pingIntervalSeconds: number;
  readonly pongTimeoutSeconds: number;
  readonly sendBacklogLimitBytes: number;
}

export interface IceServer {
  readonly urls: readonly string[];
  readonly username?: string;
  readonly credential?: Secret;
}

/** The `web` section of the configuration. */
export interface WebSettings extends WebSocketLimits {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly origins: 'same-origin' | readonly string[];
  /** True when a proxy of ours stands in front: the last X-Forwarded-For entry is the browser. */
  readonly trustProxy: boolean;
  readonly iceServers: readonly IceServer[];
  readonly turn?: TurnSettings;
  /** Of the tokens of widgets; shared by gateways that stand for one another. */
  readonly tokenKey?: Secret;
  /** What pages call for a test: something that echoes. */
  readonly testNumber?: string;
}

/** What lets the page sign in by itself; handed out in the demo and to this machine only. */
export interface DemoWeb {
  readonly user: string;
  readonly password: Secret;
  readonly numbers: readonly { readonly number: string; readonly label: string }[];
  /** What the demo carrier heard; any JSON. */
  reports(): unknown;
}

export interface HealthReport {
  up: boolean;
  /** Each part with the sentence that says what is wrong with it, if anything is. */
  parts: Readonly<Record<string, { up: boolean; sentence?: string | undefined }>>;
}

/** What applications may do over HTTP, with the token. */
export interface CallApi {
  readonly token: Secret;
  sendDigits(callId: string, text: string): 'taken' | 'unreadable' | 'unknown' | 'early';
}

export interface WebOptions {
  settings: WebSettings;
  /** Domain of the browser users. */
  domain: string;
  /** The built page; need not exist. */
  clientDirectory: string;
  uplinks: SipUplinkFactory;
  /** Whose pages carry the click-to-call widget. */
  sites?: readonly Site[] | undefined;
  health(): HealthReport | Promise<HealthReport>;
  /** State of the trunks, any JSON; given to this machine only. */
  trunks?: (() => unknown) | undefined;
  /** Who may have TURN credentials; nobody when absent. */
  findUser?: FindUser | undefined;
  demo?: DemoWeb | undefined;
  /** Without it there is no API for applications. */
  callApi?: CallApi | undefined;
  clock: Clock;
  log: Log;
}

export interface Web {
  /** Where a browser on this machine opens the page. */
  readonly url: string;
  readonly address: { host: string; port: number };
  readonly flows: BrowserFlows;
  /** Zero when no browser is connected and no one-call token is out; for leak checks and health. */
  counts(): { connections: number; flows: number; visits: number };
  /** Closes every WebSocket with 1001, then stops listening. Idempotent. */
  close(): Promise<void>;
}
