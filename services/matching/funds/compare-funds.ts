import { uuidOf } from "#mesh/ids.ts";
import { COMPARED_FUNDS, FUNDS_DIFFER_MS, MAX_FOLLOWED_DIFFERENCES } from "#mesh/limits.ts";
import { inOrdersOf, readInOrders } from "./in-orders.ts";
import type { FundsMeans } from "./means.ts";
import { needsOf } from "./needs.ts";

/** What an account has held more, or less, than its live orders need. */
type Difference = {
  readonly account: number;
  readonly asset: string;
  /** Held less needed, in minor units. */
  readonly minor: bigint;
};

/** Compares for a while, and goes on with the next accounts the next time. Tells what stands. */
export type CompareFunds = () => Promise<readonly Difference[]>;

type Means = Pick<FundsMeans, "ledger" | "log" | "markets" | "metrics" | "writer">;

/**
 * Makes what compares the funds behind orders on the ledger with what the live orders need, account
 * by account (HOLD-2, FUND-5). Trades and releases are booked a moment after they have happened, so
 * that a difference counts once it has stood as it is for a minute: then it is an alarm.
 */
export function createCompareFunds(means: Means, nowMs: () => number = Date.now): CompareFunds {
  const { log, metrics, writer } = means;
  const standing = metrics.gauge(
    "mizan_matching_held_differences",
    "Accounts whose funds behind orders are not what their orders need, for a minute by now.",
  );
  const followed = new Map<string, Difference & { readonly sinceMs: number; isTold: boolean }>();
  let next = 1;
  const page = () => {
    const accounts: number[] = [];
    const most = Math.floor(ids / Math.max(1, assetsOf(means).length));
    for (let left = Math.min(most, writer.engine.accounts); left > 0; left--) {
      accounts.push(next);
      next = next >= writer.engine.accounts ? 1 : next + 1;
    }
    return accounts;
  };
  const follow = (difference: Difference) => {
    const key = `${difference.account}/${difference.asset}`;
    const known = followed.get(key);
    if (known?.minor === difference.minor) return key;
    followed.delete(key);
    if (followed.size < MAX_FOLLOWED_DIFFERENCES) {
      followed.set(key, { ...difference, sinceMs: nowMs(), isTold: false });
    }
    return key;
  };
  return async () => {
    const again = [...followed.values()].map(({ account }) => account);
    const found = await differencesOf(means, [...new Set([...again, ...page()])]);
    const seen = new Set(found.map(follow));
    for (const key of followed.keys()) if (!seen.has(key)) followed.delete(key);
    const stand = [...followed.values()].filter((one) => nowMs() - one.sinceMs >= FUNDS_DIFFER_MS);
    standing.set(stand.length);
    for (const one of stand) {
      if (one.isTold) continue;
      one.isTold = true;
      const owner = uuidOf(writer.engine.account(one.account)!.owner);
      const { asset, minor } = one;
      log.error({ owner, asset, minor }, "held funds are not what orders need");
    }
    return stand;
  };
}

const ids = COMPARED_FUNDS.calls * COMPARED_FUNDS.perCall;

function assetsOf({ markets }: Pick<Means, "markets">): string[] {
  return [...new Set(markets.all().flatMap(({ base, quote }) => [base, quote]))];
}

/** Reads the engine first and then the ledger, account by account, as many as the bounds let. */
async function differencesOf(means: Means, accounts: readonly number[]): Promise<Difference[]> {
  const { engine } = means.writer;
  const assets = assetsOf(means);
  const wanted: (Difference & { readonly id: string })[] = [];
  let orders = 0;
  for (const account of accounts) {
    const needs = await needsOf(engine, means.markets, account);
    const { owner } = engine.account(account)!;
    for (const asset of assets) {
      const minor = needs.byAsset.get(asset) ?? 0n;
      wanted.push({ account, asset, minor, id: inOrdersOf(owner, asset) });
    }
    orders += needs.orders;
    if (orders >= COMPARED_FUNDS.orders) break;
  }
  const held = await readInOrders(
    means,
    wanted.map(({ id }) => id),
  );
  return wanted.flatMap(({ account, asset, minor, id }) => {
    const difference = (held.get(id) ?? 0n) - minor;
    return difference === 0n ? [] : [{ account, asset, minor: difference }];
  });
}
