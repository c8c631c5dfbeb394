/** A frame of the application protocol: `token|token|...`, then CRLF and a SIP message in some of them. */
export interface Frame {
  /** Chosen by the sender; its answer names it. */
  id: string;
  /** `authenticate`, `route`, `remove_route`, `ping`, `sip` ... */
  type: string;
  /** What follows the type. */
  tokens: string[];
  /** What follows the first CRLF; undefined when there is none. */
  message: Buffer | undefined;
}

const CRLF = '\r\n';

export function parseFrame(payload: Buffer): Frame {
  const end = payload.indexOf(CRLF);
  const meta = payload.toString('utf8', 0, end === -1 ? payload.length : end);
  const [id = '', type = '', ...tokens] = meta.split('|');
  return { id, type, tokens, message: end === -1 ? undefined : payload.subarray(end + 2) };
}

/** The bytes of a frame, length included. A token with a line break or `|` would forge others: both become blanks. */
export function formatFrame(tokens: readonly string[], message?: Buffer): Buffer {
  const meta = tokens.map((token) => token.replace(/[|\r\n]/g, ' ')).join('|');
  const head = message === undefined ? meta : meta + CRLF;
  const length = Buffer.byteLength(head, 'utf8') + (message?.length ?? 0);
  const headBytes = Buffer.from(`${length}#${head}`, 'utf8');
  return message === undefined ? headBytes : Buffer.concat([headBytes, message]);
}
