import { expect, test } from "vitest";
import { createTelemetry } from "#mesh/telemetry.ts";
import { testLog } from "#mesh/testing/log.ts";
import type { SmsProvider } from "../providers/provider.ts";
import { testMagfa } from "../testing/test-provider.ts";
import { usualTerms as terms } from "../testing/usual-terms.ts";
import { createBreaker } from "./breaker.ts";
import { laneMetrics } from "./lane-metrics.ts";
import { sendTasks } from "./send-tasks.ts";
import { createTokens } from "./tokens.ts";

test("FO-4 tells when the last call of a task began, and of none that had no call", async () => {
  await using magfa = await testMagfa();
  using telemetry = createTelemetry("test");
  const begunMs: number[] = [];
  const provider: SmsProvider = {
    ...magfa.provider,
    caps: { ...magfa.provider.caps, maxRecipients: 1 },
    submit: async (texts, signal) => {
      begunMs.push(performance.now());
      return magfa.provider.submit(texts, signal);
    },
  };
  const sender = {
    terms,
    provider,
    log: testLog(),
    lane: "BULK",
    tokens: createTokens(() => 10_000, 100),
    breaker: createBreaker("BULK"),
    metrics: laneMetrics(telemetry),
  } as const;
  const [sent] = await sendTasks(sender, [task(2)], performance.now());
  expect(sent!.outcomes).toMatchObject([{ kind: "ACCEPTED" }, { kind: "ACCEPTED" }]);
  expect(sent!.calledAtMs).toBeGreaterThan(begunMs[0]!);
  expect(sent!.calledAtMs).toBeLessThanOrEqual(begunMs[1]!);
  const [late] = await sendTasks(sender, [task(1)], performance.now() - terms.leaseMs);
  expect(late).toMatchObject({ outcomes: [{ kind: "NOT_SENT" }], calledAtMs: undefined });
});

/** A task of so many texts. */
function task(count: number) {
  const texts = Array.from({ length: count }, (_, at) => ({
    messageId: `m${at}`,
    ref: BigInt(at + 1),
    receiver: `+98912123456${at}`,
    sender: "3000505",
    text: "hello",
    segments: 1,
    waitedMs: 0,
    leftMs: 60_000,
  }));
  return { taskId: "t", chunkId: "c", attempt: 1, texts };
}
