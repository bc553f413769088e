import { MAX_ORDER_WATCHERS, MAX_WAITING_ORDER_CHANGES } from "#mesh/limits.ts";
import { createSeats, type WatchSeats } from "#mesh/watch-seats.ts";
import type { Matching } from "../context.ts";
import type { OrderId } from "../domain/command.ts";
import type { Event, OrderFacts } from "../domain/event.ts";
import { type Backlog, createBacklog } from "../feed/backlog.ts";
import type { AppliedBatch } from "../writer/writer-api.ts";

/** An event that has changed an order of somebody who watches, with its time. */
export type OrderChange = { readonly order: OrderId; readonly event: Event; readonly atMs: number };

/** Tells those who watch of the changes of their orders, as the books have them. */
export type OrderChanges = {
  /** Follows the orders of an owner from the next batch on, until it is disposed of. */
  readonly join: (owner: string) => Disposable & { readonly backlog: Backlog<OrderChange> };
  /** Bounds how many follow (R3). */
  readonly seats: WatchSeats;
};

/** Listens to the writer from the first who joins on; with nobody there it costs nothing. */
export function createOrderChanges({ writer }: Pick<Matching, "writer">): OrderChanges {
  const watchers = new Map<string, Set<Backlog<OrderChange>>>();
  let listening: Disposable | undefined;
  const tell = ({ events, atMs, engine }: AppliedBatch) => {
    for (const event of events) {
      for (const { order, account } of concerned(event)) {
        const own = watchers.get(engine.account(account)!.owner);
        for (const backlog of own ?? []) backlog.add({ order, event, atMs });
      }
    }
  };
  return {
    seats: createSeats(MAX_ORDER_WATCHERS),
    join: (owner) => {
      const backlog = createBacklog<OrderChange>({ most: MAX_WAITING_ORDER_CHANGES, squeeze });
      const own = watchers.get(owner) ?? new Set();
      watchers.set(owner, own.add(backlog));
      listening ??= writer.onBatch(tell);
      const leave = () => {
        own.delete(backlog);
        if (own.size === 0) watchers.delete(owner);
        if (watchers.size > 0) return;
        listening?.[Symbol.dispose]();
        listening = undefined;
      };
      return { backlog, [Symbol.dispose]: leave };
    },
  };
}

/** All trades, and of what else has happened to an order the last. */
function squeeze(changes: readonly OrderChange[]): OrderChange[] {
  const last = new Map(changes.map((change) => [change.order, change]));
  return changes.filter(
    (change) => change.event.kind === "TRADE" || last.get(change.order) === change,
  );
}

function concerned(event: Event): readonly OrderFacts[] {
  switch (event.kind) {
    case "STATE":
      return [];
    case "TRADE":
    case "PREVENTED":
      return [event.taker, event.maker];
    default:
      return [event.facts];
  }
}
