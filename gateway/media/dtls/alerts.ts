/** RFC 5246 section 7.2. The numbers that we send, and those that a peer may send and that a person may want named. */
const ALERTS = {
  close_notify: 0,
  unexpected_message: 10,
  bad_record_mac: 20,
  record_overflow: 22,
  decompression_failure: 30,
  handshake_failure: 40,
  bad_certificate: 42,
  unsupported_certificate: 43,
  certificate_revoked: 44,
  certificate_expired: 45,
  certificate_unknown: 46,
  illegal_parameter: 47,
  unknown_ca: 48,
  access_denied: 49,
  decode_error: 50,
  decrypt_error: 51,
  protocol_version: 70,
  insufficient_security: 71,
  internal_error: 80,
  inappropriate_fallback: 86,
  user_canceled: 90,
  no_renegotiation: 100,
  missing_extension: 109,
  unsupported_extension: 110,
  certificate_required: 116,
} as const;

export type AlertName = keyof typeof ALERTS;

const NAMES = new Map<number, string>(
  Object.entries(ALERTS).map(([name, number]) => [number, name]),
);
const WARNING = 1;
const FATAL = 2;

export interface Alert {
  fatal: boolean;
  /** By its name in the RFC, else `alert 123`. */
  name: string;
}

/** The peer did something that ends the handshake: what it is told, and what people are told. */
export class DtlsFailure extends Error {
  override name = 'DtlsFailure';
  readonly alert: AlertName;

  constructor(alert: AlertName, sentence: string) {
    super(sentence);
    this.alert = alert;
  }
}

/** close_notify is a warning, all others of ours are fatal. */
export function alertBody(name: AlertName): Buffer {
  return Buffer.of(name === 'close_notify' ? WARNING : FATAL, ALERTS[name]);
}

/** Undefined for what is no alert. */
export function parseAlert(body: Buffer): Alert | undefined {
  const [level, number] = body;
  if (body.length !== 2 || level === undefined || number === undefined) return undefined;
  if (level !== WARNING && level !== FATAL) return undefined;
  return { fatal: level === FATAL, name: NAMES.get(number) ?? `alert ${number}` };
}
