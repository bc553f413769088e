import { type RawBuilder, sql } from "kysely";
import { hexOf, uuidOf } from "#mesh/ids.ts";
import type { Side } from "../domain/command.ts";
import type { FillRecord, OrderRecord } from "../domain/order-record.ts";
import type { Queries } from "./tables.ts";

/** The first fills of an order, in order. */
export async function readFillsOf(
  db: Queries,
  order: OrderRecord,
  limit: number,
): Promise<FillRecord[]> {
  return read(db, { ...wanted(order), isNewestFirst: false, limit });
}

/** Which fills of an account are listed; what is undefined or empty does not matter. */
export type FillFilter = {
  readonly accountId: string;
  readonly market: string;
  /** Only those of this order of the account. */
  readonly order: OrderRecord | undefined;
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
};

/** The fill that the page before has ended with. */
export type FillPlace = Pick<FillRecord, "atMs" | "market" | "tradeId" | "side">;

/** Lists fills, the newest first. */
export async function listFills(
  db: Queries,
  { accountId, market, order, startMs, endMs }: FillFilter,
  { before, limit }: { readonly before: FillPlace | undefined; readonly limit: number },
): Promise<FillRecord[]> {
  const { condition, ...own } =
    order === undefined ? { accountId, sides: both, condition: sql`` } : wanted(order);
  const within = sql`${condition}
    ${market === "" ? sql`` : sql`and market = ${market}`}
    ${startMs === undefined ? sql`` : sql`and at_ms >= ${startMs}`}
    ${endMs === undefined ? sql`` : sql`and at_ms < ${endMs}`}`;
  return read(db, { ...own, condition: within, before, isNewestFirst: true, limit });
}

/** What picks the trades of an order: they lie between its first and its last event. */
function wanted({ id, accountId, side, createdMs, updatedMs }: OrderRecord) {
  const uuid = uuidOf(id);
  const condition = sql`and (taker_order = ${uuid} or maker_order = ${uuid})
    and at_ms between ${createdMs} and ${updatedMs}`;
  return { accountId, sides: [side] as readonly Side[], condition };
}

type Wanted = {
  readonly accountId: string;
  readonly sides: readonly Side[];
  readonly condition: RawBuilder<unknown>;
  readonly before?: FillPlace | undefined;
  readonly isNewestFirst: boolean;
  readonly limit: number;
};

const both: readonly Side[] = ["BUY", "SELL"];

/** Each side of a trade is a fill; an account that trades with itself has both. */
async function read(db: Queries, of: Wanted): Promise<FillRecord[]> {
  const halves = sql.join(
    of.sides.map((side) => sql`(${half(side, of)})`),
    sql` union all `,
  );
  const { rows } = await sql<FillRow>`
    select fill.*, coalesce(orders.client_order_id, '') as client_order_id
    from (select * from (${halves}) as side_of ${inOrder(of)}) as fill
      left join orders on orders.id = fill.order_id
    ${inOrder(of)}`.execute(db);
  return rows.map(toRecord);
}

function half(side: Side, of: Wanted): RawBuilder<unknown> {
  const isBuy = side === "BUY";
  const isTaker = sql`taker_side = ${side}::order_side`;
  const { before } = of;
  return sql`
    select * from (
      select market, trade_id, at_ms, price, lots, ${side}::text as side, ${isTaker} as is_taker,
        case when ${isTaker} then taker_order else maker_order end as order_id,
        case when ${isTaker} then taker_open else maker_open end as open_lots,
        ${isBuy ? sql`buyer_fee_minor` : sql`seller_fee_minor`} as fee_minor
      from trade where ${isBuy ? sql`buyer` : sql`seller`} = ${of.accountId} ${of.condition}
        ${before === undefined ? sql`` : sql`and at_ms <= ${before.atMs}`}
    ) as own
    ${
      before === undefined
        ? sql``
        : sql`where (at_ms, market, trade_id, side) <
      (${before.atMs}::bigint, ${before.market}::text, ${before.tradeId}::bigint,
        ${before.side}::text)`
    }
    ${inOrder(of)}`;
}

function inOrder({ isNewestFirst, limit }: Wanted): RawBuilder<unknown> {
  return isNewestFirst
    ? sql`order by at_ms desc, market desc, trade_id desc, side desc limit ${limit}`
    : sql`order by at_ms, market, trade_id, side limit ${limit}`;
}

type FillRow = Pick<FillRecord, "market" | "side" | "price"> & {
  readonly trade_id: number;
  readonly at_ms: number;
  readonly lots: number;
  readonly is_taker: boolean;
  readonly order_id: string;
  readonly client_order_id: string;
  readonly open_lots: number;
  readonly fee_minor: bigint;
};

function toRecord(row: FillRow): FillRecord {
  const { market, side, price } = row;
  return {
    market,
    side,
    price,
    tradeId: row.trade_id,
    order: hexOf(row.order_id),
    clientOrderId: row.client_order_id,
    lots: row.lots,
    feeMinor: row.fee_minor,
    isTaker: row.is_taker,
    openLots: row.open_lots,
    atMs: row.at_ms,
  };
}
