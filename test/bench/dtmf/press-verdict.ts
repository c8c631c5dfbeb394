import type { HeardPress } from '../../support/dtmf/heard-at-carrier.js';
import type { BrowserName } from '../../support/driven-page.js';
import type { PressTiming } from '../../support/dtmf/pressing-browser.js';
import { ALL_DIGITS } from '../../support/dtmf/pressed-call.js';

export interface PressVerdict {
  /** In plain words; empty when every digit came once, in order, as long as it was pressed. */
  wrong: string[];
  /** The call itself came to nothing. */
  failed?: true;
  /** What else RFC 4733 asks for and the judge of the demo carrier missed: how many digits, by kind. */
  defects: Record<string, number>;
  /** Largest difference from the asked duration, ms, with its sign. */
  worstMs: number;
}

const TOLERANCE_MS = 20;
/** Firefox counts Opus telephone-events of 8 kHz in frames of 48 kHz: whole 120 ms, rounded up. */
const FIREFOX_STEP_MS = 120;

/** Holds what a trunk was told against {@link ALL_DIGITS}, each pressed once for the asked time. */
export function judgePresses(
  presses: readonly HeardPress[],
  asked: { browser: BrowserName; codec: string; timing: PressTiming },
): PressVerdict {
  const wrong: string[] = [];
  const digits = presses.map(({ digit }) => digit).join('');
  if (digits !== ALL_DIGITS) wrong.push(`digits ${digits === '' ? 'none' : digits}`);
  const rounds = asked.browser === 'firefox' && asked.codec === 'opus';
  const { toneMs } = asked.timing;
  const due = rounds ? Math.ceil(toneMs / FIREFOX_STEP_MS) * FIREFOX_STEP_MS : toneMs;
  const differences = presses.map(({ durationMs }) => durationMs - due);
  const worstMs = differences.reduce(
    (worst, ms) => (Math.abs(ms) > Math.abs(worst) ? ms : worst),
    0,
  );
  if (Math.abs(worstMs) > TOLERANCE_MS) wrong.push(`duration off by ${worstMs} ms`);
  return { wrong, defects: countKinds(presses), worstMs };
}

function countKinds(presses: readonly HeardPress[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { defects } of presses)
    for (const defect of defects) {
      const kind = defect.split(':')[0] ?? defect;
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
  return counts;
}
