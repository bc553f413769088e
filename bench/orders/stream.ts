import type { Client } from "@connectrpc/connect";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  OrderService,
  PlaceOrdersRequestSchema,
} from "#gen/mizan/matching/v1/order_service_pb.ts";
import { newId } from "#mesh/ids.ts";
import { drawOrder, type Trader } from "./traders.ts";

/** A stream of batches that stays open. */
export type OrderStream = AsyncDisposable & {
  /** Places some orders in one message; returns how many. Throws when one is refused. */
  readonly place: (count: number) => Promise<number>;
};

type Batch = MessageInitShape<typeof PlaceOrdersRequestSchema>;

/** Opens a stream for a trader. */
export function openStream(
  client: Pick<Client<typeof OrderService>, "placeOrders">,
  { headers }: Trader,
): OrderStream {
  const requests = createQueue<Batch>();
  const waiting = new Map<bigint, PromiseWithResolvers<number>>();
  let failure: unknown;
  const listen = async () => {
    try {
      for await (const { batch, results } of client.placeOrders(requests, { headers })) {
        const refused = results.find(({ error }) => error !== undefined);
        if (refused) throw new Error(`an order was refused: ${refused.error?.reason}`);
        waiting.get(batch)?.resolve(results.length);
        waiting.delete(batch);
      }
      failure = new Error("the stream has ended");
    } catch (error) {
      failure = error;
    }
    for (const { reject } of waiting.values()) reject(failure);
  };
  const listening = listen();
  let last = 0n;
  return {
    place: async (count) => {
      if (failure !== undefined) throw failure;
      const batch = (last += 1n);
      const items = Array.from({ length: count }, () => {
        return { requestId: newId(), action: { case: "place", value: drawOrder() } as const };
      });
      const answered = Promise.withResolvers<number>();
      waiting.set(batch, answered);
      requests.push({ batch, items });
      return answered.promise;
    },
    [Symbol.asyncDispose]: async () => {
      requests.end();
      await listening;
    },
  };
}

/** What is pushed comes out in its turn. */
function createQueue<T>() {
  const items: T[] = [];
  const state = { isEnded: false, wake: Promise.withResolvers<void>() };
  return {
    push: (item: T) => {
      items.push(item);
      state.wake.resolve();
    },
    end: () => {
      state.isEnded = true;
      state.wake.resolve();
    },
    async *[Symbol.asyncIterator](): AsyncGenerator<T> {
      for (;;) {
        yield* items.splice(0);
        if (items.length > 0) continue;
        if (state.isEnded) return;
        state.wake = Promise.withResolvers();
        await state.wake.promise;
      }
    },
  };
}
