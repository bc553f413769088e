/** Sleeps for a time, until it is woken, or until the signal; `wakeBy` is given what wakes it. */
export async function slept(
  ms: number,
  signal: AbortSignal,
  wakeBy: (awake: () => void) => void,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const awake = () => resolve();
  const timer = setTimeout(awake, ms);
  wakeBy(awake);
  signal.addEventListener("abort", awake);
  await promise;
  clearTimeout(timer);
  signal.removeEventListener("abort", awake);
}
