import { refusalOf, type Refusal } from './refusal.js';

/** What a one-call token of a click-to-call site allows its WebSocket: one call, to one destination, and nothing else. */
export interface CallPass {
  /** Site key. */
  readonly site: string;
  /** User part of the only request-URI that may be called. */
  readonly destination: string;
  /** What is dialled for it. No message to the browser may hold it. */
  readonly number: string;
  /** E.164 with `+`, or as the trunk takes it. */
  readonly callerId: string | undefined;
  readonly displayName: string | undefined;
  /** From the answer, ms. */
  readonly maxDurationMs: number;
  /** True the first time. */
  use(): boolean;
}

/** Cannot be the name of a user: those hold no `~`. */
export function passUser(site: string): string {
  return `widget~${site}`;
}

/** What else could be a phone number in the words of a carrier or of the dialplan. */
const NUMBER_LIKE = /\+?\d[\d ()/-]{4,}\d/g;

/** A sentence as the browser may read it: for a visitor without the number behind the destination. */
export function withoutNumber(sentence: string, pass: CallPass | undefined): string {
  if (pass === undefined) return sentence;
  const { number, destination } = pass;
  return sentence.replaceAll(number, destination).replace(NUMBER_LIKE, destination);
}

/** Of everything but the call itself. */
export function oneCallOnly(method: string): Refusal {
  const sentence = `A one-call token is for one call and its end, not for ${method}.`;
  return refusalOf('CL_WIDGET_ONE_CALL', sentence);
}

/** Decides on an INVITE to `called`; takes the one call when it may go on. Undefined: it may. */
export function passRefusal(pass: CallPass | undefined, called: string): Refusal | undefined {
  if (pass === undefined) return undefined;
  if (called !== pass.destination) {
    const sentence = `The token is for the destination ${pass.destination} only.`;
    return refusalOf('CL_WIDGET_DESTINATION', sentence);
  }
  return pass.use() ? undefined : oneCallOnly('a second call');
}
