import { MAX_EVENT_BYTES_IN_FLIGHT, MAX_EVENTS_IN_FLIGHT } from "../limits.ts";
import type { Bus } from "./bus.ts";
import type { Outgoing, Published } from "./bus-publish.ts";

/**
 * Publishes messages of a chain: each is taken only after the one before, so that a failure leaves
 * no gap behind it. Many are under way at once. Throws the first failure when all have ended.
 * Returns which message the broker refused because it knows its id, if it did (N5).
 */
export async function publishChain(
  bus: Bus,
  messages: readonly Outgoing[],
): Promise<number | undefined> {
  const answers: Promise<Published>[] = [];
  let failed = false;
  let bytes = 0;
  let oldest = 0;
  for (const message of messages) {
    if (failed) break;
    const answer = bus.publish(message);
    answer.catch(() => (failed = true));
    answers.push(answer);
    bytes += message.payload.length;
    while (answers.length - oldest >= MAX_EVENTS_IN_FLIGHT || bytes >= MAX_EVENT_BYTES_IN_FLIGHT) {
      bytes -= messages[oldest]!.payload.length;
      await answers[oldest]!.catch(() => {});
      oldest += 1;
    }
  }
  const settled = await Promise.allSettled(answers);
  for (const [at, answer] of settled.entries()) {
    if (answer.status === "rejected") throw answer.reason;
    if (answer.value.duplicate) return at;
  }
  return undefined;
}
