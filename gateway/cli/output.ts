/** Where a command writes; the process's own streams outside of tests. */
export interface Output {
  /** What was asked for. */
  write(text: string): void;
  /** Why it could not be given. */
  fail(text: string): void;
}

/** What a command ends with: done, "no" (problems, refused, failed), or not understood. */
export const EXIT = { ok: 0, no: 1, usage: 2 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
