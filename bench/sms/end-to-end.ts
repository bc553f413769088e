import { setTimeout as sleep } from "node:timers/promises";
import type { Gateway } from "./gateway.ts";

/** How many messages one run takes to their ends, and how many one call sends. */
export const MESSAGES = 20_000;
const BATCH = 1000;

/** Sends messages and waits until all are delivered: messages a second from the first to the last. */
export async function measureEndToEnd(gateway: Gateway): Promise<Readonly<Record<string, number>>> {
  const before = await delivered(gateway);
  const startMs = performance.now();
  let left = MESSAGES / BATCH;
  const worker = async () => {
    while (left-- > 0) await gateway.sendBatch(BATCH);
  };
  await Promise.all([worker(), worker()]);
  for (const endMs = startMs + 120_000; (await delivered(gateway)) < before + MESSAGES;) {
    if (performance.now() > endMs) throw new Error("messages are not delivered within 2 minutes");
    await sleep(100);
  }
  const perSecond = (MESSAGES / (performance.now() - startMs)) * 1000;
  await gateway.settled();
  return { "end to end": perSecond };
}

async function delivered({ database }: Gateway): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    "select count(*) from message where state = 'DELIVERED'",
  );
  return row!.count;
}
