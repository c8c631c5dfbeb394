/**
 * @param step what is waited for, for the sentence
 * @throws Error when the task takes longer
 */
export async function within<Result>(
  limitMs: number,
  task: Promise<Result>,
  step: () => string = () => 'it',
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`nothing came of ${step()} within ${limitMs / 1000} s`));
    }, limitMs);
  });
  try {
    return await Promise.race([task, late]);
  } finally {
    clearTimeout(timer);
  }
}
