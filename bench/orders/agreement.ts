import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "@connectrpc/connect";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { type Connection, openConnection } from "#mesh/database/connection.ts";
import { bytesOf, derivedId } from "#mesh/ids.ts";
import { toMinor } from "#mesh/money.ts";
import type { DevFile } from "../../scripts/platform/dev-file.ts";
import { inside } from "../../scripts/platform/inside.ts";
import { accountOf, ASSETS, FUNDS, type Trader } from "./traders.ts";

/**
 * Waits until the ledger and the exchange say the same of everybody, to the unit: what is free and
 * behind orders is what they began with, their trades and fees (L18), and what is behind orders is
 * what their open orders hold (FUND-5). Throws when nothing has changed for a minute.
 */
export async function agreement(dev: DevFile, traders: readonly Trader[]): Promise<void> {
  using core = inside(dev, "core");
  await using db = await openConnection({ url: dev.databases["matching"]!, name: "bench" });
  let before = "";
  for (let changedMs = performance.now(); ; await sleep(250)) {
    const differences = await compare(db, core.of(LedgerService), traders);
    if (differences.length === 0) return;
    const now = `${differences.length} accounts, such as ${differences[0]}`;
    if (now !== before) [before, changedMs] = [now, performance.now()];
    if (performance.now() > changedMs + PATIENCE_MS) throw new Error(`the books differ: ${now}`);
  }
}

type Ledger = Pick<Client<typeof LedgerService>, "lookupAccounts">;

async function compare(
  db: Connection,
  ledger: Ledger,
  traders: readonly Trader[],
): Promise<string[]> {
  const rows = await db.query<Said>(whatIsSaid);
  const said = new Map(rows.map((row) => [row.id, row]));
  const differences: string[] = [];
  let feesMinor = 0n;
  for (const asset of ASSETS) {
    const available = await balances(ledger, traders, ["available", asset]);
    const inOrders = await balances(ledger, traders, ["in_orders", asset]);
    for (const [index, { id }] of traders.entries()) {
      const { gained, held } = saidOf(said.get(id), asset);
      const wanted = [toMinor(FUNDS, DECIMALS[asset]) + gained, held].join();
      const is = [available[index]! + inOrders[index]!, inOrders[index]!].join();
      if (is !== wanted) differences.push(`${asset} of ${id}: ${is}, and not ${wanted}`);
      if (asset === "USDT") feesMinor += BigInt(said.get(id)?.fees ?? 0n);
    }
  }
  const fees = bytesOf(derivedId("account/revenue/trading_fees/USDT"));
  const { accounts } = await ledger.lookupAccounts({ accountIds: [fees] });
  const earned = accounts[0] ? toMinor(accounts[0].creditsPosted, DECIMALS.USDT) : 0n;
  if (earned !== feesMinor) differences.push(`fees: ${earned}, and not ${feesMinor}`);
  return differences;
}

/** In minor units. */
async function balances(
  ledger: Ledger,
  traders: readonly Trader[],
  [name, asset]: [name: "available" | "in_orders", asset: "ABAN" | "USDT"],
): Promise<bigint[]> {
  const accountIds = traders.map(({ id }) => accountOf(id, name, asset));
  const { accounts } = await ledger.lookupAccounts({ accountIds });
  const found = new Map(
    accounts.map(({ id, creditsPosted, debitsPosted }) => [
      id.toHex(),
      toMinor(creditsPosted, DECIMALS[asset]) - toMinor(debitsPosted, DECIMALS[asset]),
    ]),
  );
  return accountIds.map((id) => found.get(id.toHex()) ?? 0n);
}

type Said = Readonly<Record<"id" | "base" | "quote" | "fees" | "heldBase" | "heldQuote", string>>;

function saidOf(row: Said | undefined, asset: "ABAN" | "USDT") {
  const [gained, held] =
    asset === "ABAN" ? [row?.base, row?.heldBase] : [row?.quote, row?.heldQuote];
  return { gained: BigInt(gained ?? 0), held: BigInt(held ?? 0) };
}

/** By account: what its trades have brought and cost in minor units, and what its orders hold. */
const whatIsSaid = `
  select id, sum(base)::text as base, sum(quote)::text as quote, sum(fees)::text as fees,
    sum(held_base)::text as "heldBase", sum(held_quote)::text as "heldQuote"
  from (
    select buyer as id, lots * base_scale as base, buyer_fee_minor as fees,
        -(price * lots * quote_scale) - buyer_fee_minor as quote, 0 as held_base, 0 as held_quote
      from trade join market on market.symbol = trade.market
    union all
    select seller, -lots * base_scale, seller_fee_minor,
        price * lots * quote_scale - seller_fee_minor, 0, 0
      from trade join market on market.symbol = trade.market
    union all
    select account_id, 0, 0, 0,
        case side when 'SELL' then held_minor else 0 end, case side when 'BUY' then held_minor else 0 end
      from orders where held_minor > 0
  ) as part
  group by id`;

const DECIMALS = { ABAN: 8, USDT: 6 } as const;
const PATIENCE_MS = 60_000;
