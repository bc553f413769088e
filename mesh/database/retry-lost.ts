import { setTimeout as sleep } from "node:timers/promises";
import { MAX_TRANSACTION_RETRIES } from "../limits.ts";
import { callError, isError } from "./failure.ts";

/**
 * Does work on the database again, at most three times, when it lost against another by deadlock or
 * serialization (L5): what it did is undone then. Throws what a caller is told of other failures.
 */
export async function retryLost<R>(work: () => Promise<R>): Promise<R> {
  for (let retry = 0; ; retry += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isError(error, "40001", "40P01") || retry === MAX_TRANSACTION_RETRIES)
        throw callError(error);
      await sleep(Math.random() * 10 * 2 ** retry);
    }
  }
}
