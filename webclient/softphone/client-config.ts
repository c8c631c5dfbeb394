/** A number the demo offers to click. */
export interface DemoNumber {
  number: string;
  label: string;
}

/** What the gateway tells the page about itself at `GET /api/client-config`. */
export interface ClientConfig {
  /** Path of SIP over WebSocket on the page's own host. */
  sipPath: string;
  domain: string;
  iceServers: RTCIceServer[];
  /** POST ./api/turn has more of them for who is signed in. */
  turn?: boolean;
  /** What to call for a test: something that echoes. */
  testNumber?: string;
  /** Only in demo mode: the page signs in by itself. */
  demo?: { user: string; password: string; numbers: DemoNumber[] };
}

/** Where the page may be served without a gateway behind it. */
export const FALLBACK_CONFIG: ClientConfig = { sipPath: '/sip', domain: '', iceServers: [] };

/**
 * Asks the gateway that served the page.
 * @throws Error when there is no answer, or one that is not a client configuration.
 */
export async function loadClientConfig(path = './api/client-config'): Promise<ClientConfig> {
  const response = await fetch(path, { headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`GET ${path} was answered ${response.status}`);
  return parseClientConfig(await response.json());
}

export function parseClientConfig(value: unknown): ClientConfig {
  const { sipPath, domain, iceServers, turn, testNumber, demo } = asRecord(value, 'client-config');
  const config: ClientConfig = {
    sipPath: asText(sipPath, 'sipPath'),
    domain: asText(domain, 'domain'),
    iceServers: asList(iceServers ?? [], 'iceServers').map(parseIceServer),
    ...(turn === true ? { turn } : {}),
    ...(testNumber === undefined ? {} : { testNumber: asText(testNumber, 'testNumber') }),
  };
  if (demo === undefined || demo === null) return config;
  const { user, password, numbers } = asRecord(demo, 'demo');
  return {
    ...config,
    demo: {
      user: asText(user, 'demo.user'),
      password: asText(password, 'demo.password'),
      numbers: asList(numbers ?? [], 'demo.numbers').map(parseNumber),
    },
  };
}

function parseNumber(value: unknown): DemoNumber {
  const { number, label } = asRecord(value, 'demo.numbers');
  return { number: asText(number, 'number'), label: asText(label, 'label') };
}

function parseIceServer(value: unknown): RTCIceServer {
  const { urls, username, credential } = asRecord(value, 'iceServers');
  const addresses = Array.isArray(urls)
    ? urls.map((url) => asText(url, 'urls'))
    : asText(urls, 'urls');
  return {
    urls: addresses,
    ...(username === undefined ? {} : { username: asText(username, 'username') }),
    ...(credential === undefined ? {} : { credential: asText(credential, 'credential') }),
  };
}

function asRecord(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Error(`${name} must be an object`);
  return value as Record<string, unknown>;
}

function asList(value: unknown, name: string): unknown[] {
  if (!Array.isArray(value)) throw new Error(`${name} must be a list`);
  return value;
}

function asText(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new Error(`${name} must be a text`);
  return value;
}
