import { newToken } from '../kernel/ids.js';
import { Secret } from '../kernel/secret.js';
import { checkConfig } from './parse.js';
import type { ConfigInput, CopperlineConfig } from './schema.js';

/** A number that the demo's page offers to call. */
interface DemoNumber {
  number: string;
  label: string;
}

/** What the page needs to sign in by itself; only in the demo, only for this machine. */
export interface DemoAccess {
  user: string;
  password: Secret;
  numbers: readonly DemoNumber[];
}

export interface DemoOptions {
  /** Where the demo carrier listens. Port 0 is not possible: start it first, then ask it. */
  carrier?: { host: string; port: number };
  /** 0: any free port, for tests. */
  /** What the demo carrier's trunk speaks; all codecs when absent. */
  codecs?: readonly ('opus' | 'g722' | 'pcmu' | 'pcma')[];
  /** Pages that may carry the widget, besides those of the demo itself. */
  siteOrigins?: readonly string[];
  ports?: { web?: number; sip?: number; browserMedia?: number; carrierMedia?: 0 };
}

export interface DemoConfig {
  config: CopperlineConfig;
  access: DemoAccess;
}

/** What the demo carrier answers to. */
const DEMO_NUMBERS: readonly DemoNumber[] = [
  { number: '600', label: 'Echo: hear yourself' },
  { number: '700', label: 'IVR: press keys and hear them read back' },
  { number: '440', label: 'A steady tone' },
  { number: '999', label: 'Rings for 5 seconds, then answers' },
  { number: '486', label: 'Busy' },
  { number: '603', label: 'Declined' },
  { number: '503', label: 'Carrier out of service' },
  { number: '408', label: 'Never answers' },
  { number: '183', label: 'Announcement, then "not found"' },
];

const DEMO_CODECS = ['opus', 'g722', 'pcmu', 'pcma'] as const;
const DEMO_CARRIER = { host: '127.0.0.1', port: 15_060 } as const;

/**
 * Settings for a try without a file: passwords new at each start, everything on 127.0.0.1 but the browsers'
 * media port, which answers on all interfaces and only to who holds a call's ICE password.
 */
export function demoConfig(options: DemoOptions = {}): DemoConfig {
  const alice = newToken(12);
  const carrier = options.carrier ?? DEMO_CARRIER;
  const input: ConfigInput = {
    web: { port: options.ports?.web ?? 8080, testNumber: '600' },
    sip: {
      domain: 'localhost',
      server: { embedded: { udp: { port: options.ports?.sip ?? 5060 } } },
    },
    media: {
      relay: {
        // Firefox has no loopback candidates: on 127.0.0.1 alone it would find no path to us.
        browser: { host: '0.0.0.0', port: options.ports?.browserMedia ?? 40_000 },
        carrier: options.ports?.carrierMedia === 0 ? { ports: { min: 0, max: 0 } } : {},
      },
    },
    users: [
      { name: 'alice', password: alice, displayName: 'Alice', callerId: '+493012345670' },
      { name: 'bob', password: newToken(12), displayName: 'Bob', callerId: '+493012345671' },
    ],
    trunks: [
      {
        ...{ name: 'demo-carrier', ...carrier, noAnswerTimeoutSeconds: 30 },
        codecs: [...(options.codecs ?? DEMO_CODECS)],
      },
    ],
    sites: demoSites(options.siteOrigins),
    dialplan: {
      country: 'DE',
      routes: [
        {
          name: 'demo-numbers',
          short: DEMO_NUMBERS.map(({ number }) => number),
          trunks: ['demo-carrier'],
        },
      ],
    },
  };
  const config = checkConfig(input, {
    source: 'the demo configuration',
    written: input,
    lineOf: () => undefined,
  });
  return {
    config,
    access: { user: 'alice', password: new Secret(alice), numbers: DEMO_NUMBERS },
  };
}

function demoSites(origins: readonly string[] = []): NonNullable<ConfigInput['sites']> {
  return [
    {
      key: 'demo',
      origins: ['same-origin', ...origins],
      destinations: [
        { name: 'ivr', label: 'Phone menu', number: '700' },
        { name: 'echo', label: 'Echo', number: '600' },
      ],
      callerId: '+493012345672',
    },
  ];
}
