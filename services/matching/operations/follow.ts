import { fail } from "#mesh/reasons.ts";
import type { Backlog } from "../feed/backlog.ts";

/** Who follows something, and until when. */
export type Watch = {
  /** Whose streams are counted together (R3): the network of a caller. */
  readonly who: string;
  /** Aborts when the caller is gone, at the caller's deadline and at a drain. */
  readonly signal: AbortSignal;
  /** When the stream has to begin anew at the latest, in epoch milliseconds. */
  readonly endMs: number;
  /** After how long without a change there is a sign of life, if not after the usual time. */
  readonly signMs?: number;
};

/**
 * What comes into a backlog, as it comes; nothing when it is time for a sign of life. Throws
 * READER_TOO_SLOW, the signal's reason and, at the end of its time, DEADLINE_PASSED.
 */
export async function* follow<T>(
  backlog: Backlog<T>,
  { signal, endMs }: Pick<Watch, "signal" | "endMs">,
  signMs: number,
): AsyncGenerator<readonly T[]> {
  for (;;) {
    const leftMs = endMs - Date.now();
    if (leftMs <= 0) throw fail("DEADLINE_PASSED");
    yield await backlog.take(Math.min(signMs, leftMs), signal);
  }
}
