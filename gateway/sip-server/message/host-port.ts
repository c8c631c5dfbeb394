export interface HostPort {
  /** As spelled; an IPv6 address keeps its brackets. */
  host: string;
  port?: number;
}

const HOST = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?$/;
const IPV6_REFERENCE = /^\[[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9]+)?\]$/;

/** `host`, `host:port`, `[v6]:port`; undefined when it is none of them. Ports are 1 to 65535. */
export function parseHostPort(text: string): HostPort | undefined {
  const end = text.startsWith('[') ? text.indexOf(']') + 1 : hostEnd(text);
  if (end === 0) return undefined;
  const host = text.slice(0, end).trimEnd();
  if (!HOST.test(host) && !IPV6_REFERENCE.test(host)) return undefined;
  const rest = text.slice(end).trim();
  if (rest === '') return { host };
  const match = /^:\s*(\d{1,5})$/.exec(rest);
  const port = Number(match?.[1] ?? 0);
  return port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

function hostEnd(text: string): number {
  const colon = text.indexOf(':');
  return colon === -1 ? text.length : colon;
}

export function formatHostPort(hostPort: HostPort): string {
  return hostPort.port === undefined ? hostPort.host : `${hostPort.host}:${hostPort.port}`;
}

/** A literal as it stands in a URI or a Via: an IPv6 address gets brackets. */
export function bracketHost(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** The literal without brackets, as sockets want it. */
export function unbracketHost(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}
