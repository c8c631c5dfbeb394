import { getHeader, getList, type HeaderHolder } from '../message/headers.js';
import { getParam, parseParams } from '../message/params.js';

/** RFC 4028 section 4: no session interval is shorter. */
export const MIN_SESSION_SECONDS = 90;

/** Whose side of the request that settled the session refreshes it. */
export type Refresher = 'uac' | 'uas';

export interface SessionExpires {
  seconds: number;
  refresher: Refresher | undefined;
}

/** Undefined when a message has no readable Session-Expires (RFC 4028 section 4). */
export function sessionExpiresOf(holder: HeaderHolder): SessionExpires | undefined {
  const value = getHeader(holder, 'Session-Expires');
  const match = /^\s*(\d{1,9})\s*(;.*)?$/.exec(value ?? '');
  if (match === null) return undefined;
  const refresher = getParam(parseParams(match[2] ?? '') ?? [], 'refresher')?.toLowerCase();
  return {
    seconds: Number(match[1]),
    refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined,
  };
}

/** The Min-SE of a 422 (RFC 4028 section 5), in seconds; undefined when it has none that can be read. */
export function minSessionOf(holder: HeaderHolder): number | undefined {
  const match = /^\s*(\d{1,9})\s*(?:;|$)/.exec(getHeader(holder, 'Min-SE') ?? '');
  return match === null ? undefined : Number(match[1]);
}

export function formatSessionExpires(seconds: number, refresher: Refresher): string {
  return `${seconds};refresher=${refresher}`;
}

export function supportsTimer(holder: HeaderHolder): boolean {
  return ['Supported', 'Require'].some((name) =>
    getList(holder, name).some((option) => option.toLowerCase() === 'timer'),
  );
}
