import { setTimeout as sleep } from "node:timers/promises";
import { openLoop } from "../load.ts";
import { quantile } from "../report.ts";
import type { Accepted, Gateway } from "./gateway.ts";

/** How many bulk messages wait, and at which rate express messages come meanwhile. */
export const BACKLOG = 100_000;
export const EXPRESS_PER_SECOND = 200;

/**
 * Measures how long express messages take from their acceptance to the provider while bulk ones
 * wait. Throws when the backlog is gone before the last of them.
 */
export async function measureExpress(
  gateway: Gateway,
  ms: number,
): Promise<Readonly<Record<string, number>>> {
  gateway.workers("SIGSTOP");
  for (let sent = 0; sent < BACKLOG;) sent += await gateway.sendBatch(1000);
  gateway.workers("SIGCONT");
  await sleep(1000); // the lane is busy by then
  const accepted: Accepted[] = [];
  const send = async () => accepted.push(await gateway.send("any", true));
  const { latenciesMs } = await openLoop({ perSecond: EXPRESS_PER_SECOND, ms }, send);
  const waiting = await bulkWaiting(gateway);
  if (waiting === 0) throw new Error("the backlog was gone before the last express message");
  await expressSent(gateway);
  const receivedMs = await received(gateway, accepted.length + BACKLOG - waiting + 50_000);
  const tookMs = accepted.map(({ receiver, atMs }) => receivedMs.get(receiver.slice(1))! - atMs);
  if (tookMs.some(Number.isNaN)) throw new Error("the provider lacks an express message");
  await gateway.settled();
  return {
    "express under bulk": quantile(tookMs, 0.99),
    "express under bulk, p50": quantile(tookMs, 0.5),
    "express under bulk, answer p99": quantile(latenciesMs, 0.99),
    "bulk messages still waiting": waiting,
  };
}

async function bulkWaiting({ database }: Gateway): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    "select count(*) from message where state = 'QUEUED' and lane = 'BULK'",
  );
  return row!.count;
}

async function expressSent({ database }: Gateway): Promise<void> {
  for (let open = 1; open > 0; await sleep(20)) {
    const [row] = await database.query<{ count: number }>(
      "select count(*) from task where lane = 'EXPRESS' and stage in ('QUEUED', 'SENDING')",
    );
    open = row!.count;
  }
}

/** When the provider got the last texts, by recipient. */
async function received({ dev }: Gateway, limit: number): Promise<ReadonlyMap<string, number>> {
  const url = `${dev.simulators["magfa"]}/control/received?limit=${Math.min(limit, 200_000)}`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(60_000) });
  const { texts } = (await answer.json()) as { texts: { recipient: string; atMs: number }[] };
  return new Map(texts.map(({ recipient, atMs }) => [recipient, atMs]));
}
