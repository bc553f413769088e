import { type RawBuilder, sql } from "kysely";
import { hexOf, uuidOf } from "#mesh/ids.ts";
import type { OrderId } from "../domain/command.ts";
import type { OrderRecord, OrderState } from "../domain/order-record.ts";
import type { Queries } from "./tables.ts";

/** The orders with the given ids, those that there are; in no order. */
export async function readOrders(
  db: Queries,
  ids: readonly OrderId[],
): Promise<ReadonlyMap<OrderId, OrderRecord>> {
  if (ids.length === 0) return new Map();
  const found = await read(db, sql`where id = any(${ids.map(uuidOf)}::uuid[])`);
  return new Map(found.map((order) => [order.id, order]));
}

/** The newest order that its owner has given a name on a market. */
export async function readNamedOrder(
  db: Queries,
  accountId: string,
  name: { readonly market: string; readonly clientOrderId: string },
): Promise<OrderRecord | undefined> {
  const [found] = await read(
    db,
    sql`where account_id = ${accountId} and market = ${name.market}
      and client_order_id = ${name.clientOrderId} and client_order_id <> ''
      order by place desc limit 1`,
  );
  return found;
}

/** Which orders of an account are listed; what is undefined or empty does not matter. */
export type OrderFilter = {
  readonly accountId: string;
  readonly market: string;
  readonly states: readonly OrderState[];
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
};

/** Lists orders, the newest first, from those before a place on. */
export async function listOrders(
  db: Queries,
  { accountId, market, states, startMs, endMs }: OrderFilter,
  { before, limit }: { readonly before: string | undefined; readonly limit: number },
): Promise<OrderRecord[]> {
  return read(
    db,
    sql`where account_id = ${accountId}
      ${market === "" ? sql`` : sql`and market = ${market}`}
      ${states.length === 0 ? sql`` : sql`and state = any(${[...states]}::order_state[])`}
      ${startMs === undefined ? sql`` : sql`and created_ms >= ${startMs}`}
      ${endMs === undefined ? sql`` : sql`and created_ms < ${endMs}`}
      ${before === undefined ? sql`` : sql`and place < ${before}`}
    order by place desc limit ${limit}`,
  );
}

async function read(db: Queries, condition: RawBuilder<unknown>): Promise<OrderRecord[]> {
  const { rows } = await sql<OrderRow>`
    select id, account_id, market, client_order_id, request_hash, linked_id, trigger_id, place,
      created_ms, expire_ms, visible_lots, maker_per_lot, taker_per_lot, maker_ppm, taker_ppm, side,
      type, time_in_force, stp, post_only, quote_minor, state, price, reserve_price, stop_price, lots,
      remaining, filled_lots, filled_units, taker_lots, taker_units, prevented_lots, seq, updated_ms,
      fee_minor, held_minor, reason
    from orders ${condition}`.execute(db);
  return rows.map(toRecord);
}

type OrderRow = Pick<
  OrderRecord,
  "market" | "side" | "type" | "stp" | "state" | "price" | "reason"
> & {
  readonly id: string;
  readonly account_id: string;
  readonly client_order_id: string;
  readonly request_hash: Uint8Array;
  readonly linked_id: string | null;
  readonly trigger_id: string | null;
  readonly place: number;
  readonly created_ms: number;
  readonly expire_ms: number;
  readonly visible_lots: number;
  readonly maker_per_lot: number;
  readonly taker_per_lot: number;
  readonly maker_ppm: number;
  readonly taker_ppm: number;
  readonly time_in_force: OrderRecord["timeInForce"];
  readonly post_only: boolean;
  readonly quote_minor: bigint;
  readonly reserve_price: number;
  readonly stop_price: number;
  readonly lots: number;
  readonly remaining: number;
  readonly filled_lots: number;
  readonly filled_units: number;
  readonly taker_lots: number;
  readonly taker_units: number;
  readonly prevented_lots: number;
  readonly seq: number;
  readonly updated_ms: number;
  readonly fee_minor: bigint;
  readonly held_minor: bigint;
};

function toRecord(row: OrderRow): OrderRecord {
  const { market, side, type, stp, state, price, reason } = row;
  return {
    market,
    side,
    type,
    stp,
    state,
    price,
    reason,
    id: hexOf(row.id),
    accountId: row.account_id,
    clientOrderId: row.client_order_id,
    requestHash: Buffer.from(row.request_hash).toString("hex"),
    linked: row.linked_id === null ? "" : hexOf(row.linked_id),
    trigger: row.trigger_id === null ? "" : hexOf(row.trigger_id),
    rates: {
      maker: { ppm: row.maker_ppm, perLot: row.maker_per_lot },
      taker: { ppm: row.taker_ppm, perLot: row.taker_per_lot },
    },
    timeInForce: row.time_in_force,
    isPostOnly: row.post_only,
    reservePrice: row.reserve_price,
    stopPrice: row.stop_price,
    quoteMinor: row.quote_minor,
    lots: row.lots,
    visibleLots: row.visible_lots,
    expireMs: row.expire_ms,
    remaining: row.remaining,
    filledLots: row.filled_lots,
    filledUnits: row.filled_units,
    takerLots: row.taker_lots,
    takerUnits: row.taker_units,
    preventedLots: row.prevented_lots,
    feeMinor: row.fee_minor,
    heldMinor: row.held_minor,
    seq: row.seq,
    place: row.place,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
  };
}
