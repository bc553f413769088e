import { openConnection } from "#mesh/database/connection.ts";
import { derivedId, hexOf } from "#mesh/ids.ts";
import type { DevFile } from "../../../scripts/platform/dev-file.ts";
import { type JournalRow, readJournal } from "../../../services/matching/store/journal.ts";
import type { MarketRow } from "./oracle.ts";
import { purseOf } from "./moves.ts";

/** What the databases of matching and billing have; ids are 32 hex digits, amounts minor units. */
export type Seen = {
  readonly journal: readonly JournalRow[];
  readonly markets: readonly MarketRow[];
  readonly orders: ReadonlyMap<string, SeenOrder>;
  /** Each trade in a few words, by market and number. */
  readonly trades: ReadonlyMap<string, string>;
  /** Releases that are owed. */
  readonly owed: readonly string[];
  /** Orders that are refused for ever, since their holds were given up (FUND-8). */
  readonly burned: readonly string[];
  /** Every transfer of orders and trades (FLOW-15, FLOW-16, FLOW-17). */
  readonly transfers: readonly SeenTransfer[];
  /** Balances, by purse: what is free, and what is behind orders. */
  readonly free: ReadonlyMap<string, bigint>;
  readonly held: ReadonlyMap<string, bigint>;
};

/** The row of an order. */
export type SeenOrder = {
  readonly owner: string;
  readonly market: string;
  readonly state: string;
  readonly remaining: number;
  readonly filledLots: number;
  readonly filledUnits: number;
  readonly held: bigint;
};

/** A transfer of the ledger. */
export type SeenTransfer = {
  readonly id: string;
  /** ORDER for holds and releases; TRADE and FEE for trades. */
  readonly code: "ORDER" | "TRADE" | "FEE";
  readonly minor: bigint;
  /** What it belongs to: of an order its hold. */
  readonly about: string;
  /** Whether it moves money out of what is behind orders. */
  readonly isOut: boolean;
};

/** Whose money is looked at. */
export type Watched = { readonly owners: readonly string[]; readonly assets: readonly string[] };

/** Reads everything as it is now. */
export async function readSeen({ databases }: DevFile, watched: Watched): Promise<Seen> {
  return {
    ...(await readMatching(databases["matching"]!)),
    ...(await readLedger(databases["billing"]!, watched)),
  };
}

async function readMatching(url: string) {
  await using connection = await openConnection({ url, name: "fault test" });
  await connection.query("begin isolation level repeatable read read only");
  const journal = await readJournal(connection, { shard: 0, after: 0, until: 2 ** 31 });
  const markets = await connection.query<MarketRow & { baseScale: string; quoteScale: string }>(
    `select no, symbol, base_asset as base, quote_asset as quote, base_scale::text as "baseScale",
      quote_scale::text as "quoteScale" from market order by no`,
  );
  const orders = await connection.query<SeenOrder & { id: string; heldMinor: string }>(
    `select id, account_id as owner, market, state, remaining, filled_lots as "filledLots",
      filled_units as "filledUnits", held_minor::text as "heldMinor" from orders`,
  );
  const trades = await connection.query<Record<string, string>>(
    `select market || ' ' || trade_id as name, lots || '@' || price as size,
      maker_order as maker, taker_order as taker from trade`,
  );
  const owed = await connection.query<{ name: string }>(
    "select hold_id || '/' || step as name from release",
  );
  const burned = await connection.query<{ id: string }>("select id from burned_order");
  return {
    journal,
    burned: burned.map(({ id }) => hexOf(id)),
    markets: markets.map(({ no, symbol, base, quote, baseScale, quoteScale }) => {
      const scales = { baseScale: BigInt(baseScale), quoteScale: BigInt(quoteScale) };
      return { no, symbol, base, quote, scales };
    }),
    orders: new Map(
      orders.map(({ id, heldMinor, ...row }) => [hexOf(id), { ...row, held: BigInt(heldMinor) }]),
    ),
    trades: new Map(
      trades.map(({ name, size, maker, taker }) => {
        return [name!, `${size} of ${hexOf(maker!)} to ${hexOf(taker!)}`];
      }),
    ),
    owed: owed.map(({ name }) => name),
  };
}

async function readLedger(url: string, { owners, assets }: Watched) {
  await using connection = await openConnection({ url, name: "fault test" });
  await connection.query("begin isolation level repeatable read read only");
  const transfers = await connection.query<TransferRow>(
    `select t.id, t.code, t.amount::text as amount, t.user_data as about,
      debit.code in (101, 111) as "isOut"
    from transfer t join account debit on debit.slot = t.debit_slot where t.code in (8, 9, 10)`,
  );
  const accounts = await connection.query<{ id: string; balance: string }>(
    "select id, (credits_posted - debits_posted)::text as balance from account",
  );
  const balances = new Map(accounts.map(({ id, balance }) => [hexOf(id), BigInt(balance)]));
  const purses = owners.flatMap((owner) => assets.map((asset) => [owner, asset] as const));
  const of = (name: string) =>
    new Map(
      purses.map(([owner, asset]) => {
        const id = derivedId(`account/user/${owner}/${name}/${asset}`);
        return [purseOf(owner, asset), balances.get(id) ?? 0n];
      }),
    );
  return {
    transfers: transfers.map((row): SeenTransfer => ({
      id: hexOf(row.id),
      code: codes.get(row.code)!,
      minor: BigInt(row.amount),
      about: hexOf(row.about),
      isOut: row.isOut,
    })),
    free: of("available"),
    held: of("in_orders"),
  };
}

type TransferRow = {
  readonly id: string;
  readonly code: number;
  readonly amount: string;
  readonly about: string;
  readonly isOut: boolean;
};

const codes: ReadonlyMap<number, SeenTransfer["code"]> = new Map([
  [8, "ORDER"],
  [9, "TRADE"],
  [10, "FEE"],
]);
