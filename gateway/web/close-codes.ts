import type { ErrorCode } from '../kernel/error-catalogue.js';

/** WebSocket close codes, RFC 6455 section 7.4.1 and the IANA registry. */
const CLOSE_CODES: Partial<Record<ErrorCode, number>> = {
  CL_WEB_SHUTDOWN: 1001,
  CL_WEB_BAD_FRAME: 1002,
  CL_WEB_SILENT: 1008,
  CL_WEB_FLOOD: 1008,
  CL_WEB_FRAME_TOO_LARGE: 1009,
  CL_WEB_UPLINK_CLOSED: 1012,
  CL_WEB_SLOW_READER: 1013,
};

const INTERNAL_ERROR = 1011;

/** What a browser is told: 1011 for everything that is on our side and not listed. */
export function closeCodeOf(code: ErrorCode): number {
  return CLOSE_CODES[code] ?? INTERNAL_ERROR;
}
