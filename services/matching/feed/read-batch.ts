import { EventCursor } from "../domain/event-cursor.ts";
import type { EventWords } from "../domain/event-words.ts";
import type { EngineReads } from "../writer/writer-api.ts";

/** What the feeds read of a batch that was applied. */
export type FedBatch = {
  readonly atMs: number;
  readonly log: EventWords;
  readonly engine: Pick<EngineReads, "depth" | "market" | "volumeAt">;
};

/** What a batch did to one market. */
export type MarketBatch = {
  readonly no: number;
  readonly firstSeq: number;
  lastSeq: number;
  /** The prices whose levels may have changed. */
  readonly bids: Set<number>;
  readonly asks: Set<number>;
  readonly trades: FedTrade[];
};

/** A trade as the feeds tell it, in ticks and lots. */
export type FedTrade = {
  readonly id: number;
  readonly seq: number;
  readonly price: number;
  readonly lots: number;
  readonly takerBuys: boolean;
  readonly atMs: number;
};

/** Reads what a batch did to the markets that somebody follows; the others cost next to nothing. */
export function readBatch(
  { log, atMs }: FedBatch,
  isFollowed: (market: number) => boolean,
): Iterable<MarketBatch> {
  const batches = new Map<number, MarketBatch>();
  let last: MarketBatch | undefined;
  let skipped = 0;
  const event = new EventCursor(log);
  while (event.next()) {
    const no = event.market;
    if (no === skipped) continue;
    if (last?.no !== no) {
      if (!isFollowed(no)) {
        skipped = no;
        continue;
      }
      last = batches.get(no) ?? begin(no, event.seq);
      batches.set(no, last);
    }
    read(event, last, atMs);
  }
  return batches.values();
}

function begin(no: number, firstSeq: number): MarketBatch {
  return { no, firstSeq, lastSeq: firstSeq, bids: new Set(), asks: new Set(), trades: [] };
}

function read(event: EventCursor, batch: MarketBatch, atMs: number): void {
  batch.lastSeq = event.seq;
  const { kind } = event;
  if (kind === "STATE") return;
  const isBuy = event.side === 0;
  const [own, other] = isBuy ? [batch.bids, batch.asks] : [batch.asks, batch.bids];
  own.add(event.limit);
  if (kind === "AMENDED") own.add(event.price);
  if (kind !== "TRADE" && kind !== "PREVENTED") return;
  const { price } = event;
  other.add(price);
  if (kind !== "TRADE") return;
  const { tradeId: id, seq, lots } = event;
  batch.trades.push({ id, seq, price, lots, takerBuys: isBuy, atMs });
}
