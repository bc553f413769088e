import { randomInt } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import {
  type PlaceOrdersRequest,
  type PlaceOrdersResponse,
  PlaceOrdersResponseSchema,
} from "#gen/mizan/matching/v1/order_service_pb.ts";
import { MAX_STREAM_BATCHES, STREAM_BATCH_MS } from "#mesh/limits.ts";
import { endSession } from "./end-session.ts";
import type { OrderMeans } from "./order-means.ts";
import { placeBatch } from "./place-batch.ts";

/**
 * Works on the batches of a stream in their order, some of them at a time, and answers each when it
 * is durable. No more are read while those are under way. When the stream ends, for whatever reason,
 * the orders of one that wanted it so are cancelled.
 */
export async function* placeOrders(
  means: OrderMeans,
  requests: AsyncIterable<PlaceOrdersRequest>,
  { accountId, signal }: { readonly accountId: string; readonly signal: AbortSignal },
): AsyncGenerator<PlaceOrdersResponse> {
  const batches = createBatches(means, accountId);
  const running: Promise<PlaceOrdersResponse>[] = [];
  using ended = whenAborted(signal);
  const iterator = requests[Symbol.asyncIterator]();
  const read = async () => ({ read: await iterator.next() });
  let reading: ReturnType<typeof read> | undefined = read();
  try {
    while (reading !== undefined || running.length > 0) {
      const isFull = running.length >= MAX_STREAM_BATCHES;
      const waits: Promise<Come>[] = [ended.promise];
      if (running[0] !== undefined) waits.push(running[0].then((answer) => ({ answer })));
      if (reading !== undefined && !isFull) waits.push(reading);
      const come = await Promise.race(waits);
      if ("answer" in come) {
        void running.shift();
        yield come.answer;
      } else if (come.read.done === true) {
        reading = undefined;
      } else {
        const batch = batches.begin(come.read.value);
        batch.catch(() => undefined); // it is heard of in its turn
        running.push(batch);
        reading = read();
      }
    }
  } finally {
    reading?.catch(() => undefined);
    await Promise.allSettled(running);
    await batches.end();
  }
}

type Come =
  | { readonly answer: PlaceOrdersResponse }
  | { readonly read: IteratorResult<PlaceOrdersRequest> };

/** Makes what begins batches, each of which waits with its commands for the one before it. */
function createBatches(means: OrderMeans, accountId: string) {
  let last: Promise<unknown> | undefined;
  let session = 0;
  return {
    begin: async (request: PlaceOrdersRequest): Promise<PlaceOrdersResponse> => {
      const { batch, items, cancelOnDisconnect } = request;
      if (last === undefined && cancelOnDisconnect) {
        session = randomInt(1, MAX_SESSION);
        means.sessions.add(session);
      }
      const { promise, resolve: done } = Promise.withResolvers<undefined>();
      const turn = { before: last ?? Promise.resolve(), done: () => done(undefined) };
      last = promise;
      const bounds = { deadlineMs: Date.now() + STREAM_BATCH_MS };
      try {
        const who = { accountId, session };
        const results = await placeBatch(means, items, { who, bounds, turn });
        return create(PlaceOrdersResponseSchema, { batch, results });
      } finally {
        turn.done(); // whatever became of it, the next ones go on
      }
    },
    /** Cancels the orders of a stream that wanted it so. */
    end: async () => {
      if (session !== 0) await endSession(means, { accountId, session });
    },
  };
}

/** Rejects with the reason of a signal, once that is there. */
function whenAborted(signal: AbortSignal): Disposable & { readonly promise: Promise<never> } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined);
  const abort = () => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  return { promise, [Symbol.dispose]: () => signal.removeEventListener("abort", abort) };
}

/** Sessions are numbers that a command has room for. */
const MAX_SESSION = 2 ** 31 - 1;
