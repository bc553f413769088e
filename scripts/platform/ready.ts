import { setTimeout as delay } from "node:timers/promises";

/**
 * Waits until every address answers its readiness with 200. Throws a sentence that names who is not
 * ready, and why it said so, when the time is over or the signal is raised.
 */
export async function waitUntilReady(
  admin: Readonly<Record<string, string>>,
  withinMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const endMs = performance.now() + withinMs;
  for (const [name, address] of Object.entries(admin)) {
    for (let problem = await askReady(address); problem; problem = await askReady(address)) {
      signal?.throwIfAborted();
      if (performance.now() > endMs) {
        throw new Error(`${name} is not ready after ${withinMs / 1000} s: ${problem}`);
      }
      await delay(50);
    }
  }
}

/** Why a process is not ready yet; nothing when it is. */
export async function askReady(address: string): Promise<string> {
  try {
    const answer = await fetch(`http://${address}/readyz`, { signal: AbortSignal.timeout(2000) });
    const text = await answer.text();
    return answer.ok ? "" : `${answer.status} ${text.trim().slice(0, 300)}`;
  } catch (error) {
    const { message, cause } = error as Error;
    return cause instanceof Error && cause.message !== "" ? cause.message : message;
  }
}
