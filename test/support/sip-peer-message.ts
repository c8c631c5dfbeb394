/** A SIP message as the scripted peer reads it: on purpose its own reader, not that of the code under test. */
export class PeerMessage {
  readonly startLine: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  readonly text: string;

  constructor(text: string) {
    const end = text.indexOf('\r\n\r\n');
    if (end === -1) throw new Error(`No empty line in: ${text}`);
    const [startLine = '', ...lines] = text.slice(0, end).split('\r\n');
    this.text = text;
    this.startLine = startLine;
    this.headers = lines.map((line) => {
      const colon = line.indexOf(':');
      if (colon < 1) throw new Error(`No header: ${line}`);
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    });
    this.body = text.slice(end + 4);
    const length = Number(this.get('Content-Length'));
    if (length !== Buffer.byteLength(this.body))
      throw new Error(
        `Content-Length ${length} but ${Buffer.byteLength(this.body)} bytes: ${text}`,
      );
  }

  /** Undefined for responses. */
  get method(): string | undefined {
    return this.status === undefined ? this.startLine.split(' ')[0] : undefined;
  }

  get uri(): string {
    return this.startLine.split(' ')[1] ?? '';
  }

  get status(): number | undefined {
    return this.startLine.startsWith('SIP/2.0 ') ? Number(this.startLine.slice(8, 11)) : undefined;
  }

  /** The method that CSeq names. */
  get about(): string {
    return this.require('CSeq').split(' ')[1] ?? '';
  }

  get sequence(): number {
    return Number(this.require('CSeq').split(' ')[0]);
  }

  all(name: string): string[] {
    const wanted = name.toLowerCase();
    return this.headers.filter(([own]) => own.toLowerCase() === wanted).map(([, value]) => value);
  }

  get(name: string): string | undefined {
    return this.all(name)[0];
  }

  require(name: string): string {
    const value = this.get(name);
    if (value === undefined) throw new Error(`No ${name} in: ${this.text}`);
    return value;
  }

  /** Of From or To. */
  tag(name: 'From' | 'To'): string | undefined {
    return /;tag=([^;>\s]+)/.exec(this.require(name))?.[1];
  }

  /** The URI between angle brackets. */
  address(name: string): string {
    const value = this.require(name);
    return /<([^>]+)>/.exec(value)?.[1] ?? value;
  }
}

/** `undefined` removes a header, an array repeats it. */
export type PeerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export function formatPeerMessage(startLine: string, headers: PeerHeaders, body = ''): string {
  const rows = Object.entries(headers).flatMap(([name, value]) =>
    (value === undefined ? [] : [value].flat()).map((one) => `${name}: ${one}\r\n`),
  );
  return `${startLine}\r\n${rows.join('')}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
