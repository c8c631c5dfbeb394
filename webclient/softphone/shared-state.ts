import type { CallState } from '../phone/call-state.js';
import type { RegistrationState } from '../phone/phone-types.js';
import type { CallQuality } from '../phone/quality.js';
import type { ShownDigit } from './call-line.js';

/** Of these messages: tabs of different ages of the page do not understand each other, and do not try. */
export const SHARED_VERSION = 1;

/** One call, as the tab that is the phone tells the other tabs of it. */
export interface SharedLine {
  id: number;
  direction: 'outgoing' | 'incoming';
  number: string;
  /** Empty when nobody knows it. */
  name: string;
  verified: 'passed' | 'failed' | 'none';
  state: CallState;
  muted: boolean;
  held: boolean;
  remoteHeld: boolean;
  digits: readonly ShownDigit[];
  received: string;
  quality: readonly CallQuality[];
}

export interface SharedState {
  registration: RegistrationState['name'];
  lines: readonly SharedLine[];
  /** The line on the screen of that tab; undefined when there never was one. */
  shown: number | undefined;
}

/** What another tab may ask for. */
export type SharedCommand = 'answer' | 'decline' | 'hang-up' | 'mute' | 'hold';

export type SharedMessage =
  | { version: typeof SHARED_VERSION; kind: 'ask' }
  | { version: typeof SHARED_VERSION; kind: 'state'; state: SharedState }
  /** `line`: so that a click that comes late never ends another call. */
  | { version: typeof SHARED_VERSION; kind: 'command'; command: SharedCommand; line: number };

const COMMANDS: readonly unknown[] = ['answer', 'decline', 'hang-up', 'mute', 'hold'];

/** Undefined for what is no message of this version of the page. */
export function parseShared(value: unknown): SharedMessage | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { version, kind, state, command, line } = value as Record<string, unknown>;
  if (version !== SHARED_VERSION) return undefined;
  const valid =
    kind === 'ask' ||
    (kind === 'state' && isState(state)) ||
    (kind === 'command' && COMMANDS.includes(command) && typeof line === 'number');
  return valid ? (value as SharedMessage) : undefined;
}

function isState(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { registration, lines } = value as Record<string, unknown>;
  return typeof registration === 'string' && Array.isArray(lines);
}
