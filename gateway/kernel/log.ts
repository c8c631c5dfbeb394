import { pino, type DestinationStream, type Logger } from 'pino';

export type Log = Logger;

export interface LogOptions {
  level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Where lines go; standard output when absent. */
  destination?: DestinationStream;
}

/** Names under which a secret could appear in an object that somebody logs by mistake. */
const SECRET_KEYS = [
  'password',
  'secret',
  'token',
  'authorization',
  'proxyAuthorization',
  'ha1',
  'digit',
  'digits',
  'icePwd',
];

/**
 * The root logger: one JSON line per entry. Redaction by key is the second line of defence; the first
 * is the Secret type, which prints itself as `[redacted]`.
 */
export function createLog(options: LogOptions): Log {
  const settings = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
      censor: '[redacted]',
    },
  };
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination);
}

/** A logger that drops everything, for tests and tools. */
export const silentLog: Log = pino({ level: 'silent' });
