/** How long somebody waits for something that may never come, ms: after that they hang up, as people do. No test judges by it. */
const PATIENCE_MS = 1_500;

/** What was waited for; undefined when it did not come. */
export async function patiently<Result>(
  promise: Promise<Result>,
  ...others: readonly Promise<unknown>[]
): Promise<Result | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, undefined);
  });
  const nothing = others.map((other) => other.then(() => undefined));
  try {
    return await Promise.race([promise, enough, ...nothing]);
  } finally {
    clearTimeout(timer);
  }
}
