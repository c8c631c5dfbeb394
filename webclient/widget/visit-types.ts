/** Between the loader, which every page has, and the bundle with the phone, which comes with the first click. Types only. */

/** Why there is no call; each has its sentence in every language. */
export type VisitFailure =
  | 'microphone-denied'
  | 'microphone-missing'
  | 'unsupported'
  | 'closed'
  | 'all-busy'
  | 'busy'
  | 'no-answer'
  | 'unreachable'
  | 'lost'
  | 'failed';

/** `microphone`: the visitor is asked for it. `checking`: the challenge is solved and the token fetched. */
export type VisitState =
  | { name: 'microphone' | 'checking' | 'connecting' | 'ringing' }
  | { name: 'talking'; answeredAt: number }
  | { name: 'ended'; failure?: VisitFailure; code?: string };

export interface VisitOptions {
  /** `https://gw.example/`: where the widget came from. */
  gateway: string;
  site: string;
  destination: string;
  challenge: 'none' | 'proof-of-work' | 'turnstile-like';
  /** Brings the answer of a challenge service. */
  challengeResponse?: (() => Promise<string>) | undefined;
  /** Until `ended`, which comes once. */
  onState(state: VisitState): void;
}

/** One call of a visitor. */
export interface Visit {
  hangUp(): void;
  setMuted(muted: boolean): void;
  sendDigits(digits: string): void;
}

/** What the bundle exports. */
export interface VisitModule {
  startVisit: (options: VisitOptions) => Visit;
}
