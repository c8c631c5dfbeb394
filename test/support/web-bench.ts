import { once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';
import { silentLog } from '../../gateway/kernel/log.js';
import { startWeb } from '../../gateway/web/start-web.js';
import type { Web, WebOptions, WebSettings } from '../../gateway/web/web-options.js';
import { ManualClock } from './manual-clock.js';
import { ScriptedUplinks } from './scripted-uplinks.js';

const WEB_SETTINGS: WebSettings = {
  host: '127.0.0.1',
  port: 0,
  origins: 'same-origin',
  trustProxy: false,
  iceServers: [],
  frameLimitBytes: 4_096,
  messagesPerSecond: 10,
  maxConnections: 4,
  maxConnectionsPerAddress: 3,
  firstMessageTimeoutSeconds: 10,
  pingIntervalSeconds: 25,
  pongTimeoutSeconds: 5,
  sendBacklogLimitBytes: 65_536,
};

export interface WebBench {
  web: Web;
  clock: ManualClock;
  uplinks: ScriptedUplinks;
  /** A WebSocket as a page of the gateway itself opens it, not yet open. */
  browser(options?: ClientOptions & { path?: string; protocols?: string[] }): WebSocket;
  /** Closes everything and names whatever is left over. */
  close(): Promise<string[]>;
}

type Changes = Partial<Omit<WebOptions, 'settings'>> & { settings?: Partial<WebSettings> };

/** The web server on a free port, with a SIP server and a clock that the test plays. */
export async function startWebBench(changes: Changes = {}): Promise<WebBench> {
  const clock = new ManualClock();
  const uplinks = new ScriptedUplinks();
  const browsers: WebSocket[] = [];
  const web = await startWeb({
    domain: 'phone.example.org',
    clientDirectory: '/nonexistent',
    uplinks,
    health: () => ({ up: true, parts: {} }),
    clock,
    log: silentLog,
    ...changes,
    settings: { ...WEB_SETTINGS, ...changes.settings },
  });
  return {
    ...{ web, clock, uplinks },
    browser: ({ path = '/sip', protocols = ['sip'], ...options } = {}) => {
      const url = new URL(path, web.url);
      const origin = url.origin;
      url.protocol = 'ws:';
      const socket = new WebSocket(url, protocols, { origin, ...options });
      browsers.push(socket);
      return socket;
    },
    close: async () => {
      await Promise.all([web.close(), ...browsers.map(gone)]);
      const { connections, flows } = web.counts();
      const left = { connections, flows, timers: clock.pending, uplinks: uplinks.stillOpen };
      return Object.entries(left).flatMap(([what, count]) => (count > 0 ? [what] : []));
    },
  };
}

async function gone(socket: WebSocket): Promise<void> {
  socket.on('error', () => undefined);
  socket.resume();
  if (socket.readyState !== WebSocket.CLOSED) await once(socket, 'close');
}

/** How a connection ended, as its client saw it. */
export async function closeOf(socket: WebSocket): Promise<{ code: number; reason: string }> {
  socket.on('error', () => undefined);
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  return { code, reason: reason.toString() };
}

/** The HTTP answer to a WebSocket that was refused. */
export function refusalOf(socket: WebSocket): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    socket.on('error', () => undefined);
    socket.on('open', () => {
      reject(new Error('the WebSocket was accepted'));
    });
    socket.on('unexpected-response', (_request, response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          body: JSON.parse(Buffer.concat(chunks).toString()) as unknown,
        });
        socket.terminate();
      });
    });
  });
}
