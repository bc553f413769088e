import { systemClock } from "#mesh/clock.ts";
import { connect } from "#mesh/database/connect.ts";
import { derivedId, ZERO_ID } from "#mesh/ids.ts";
import type { Log } from "#mesh/log.ts";
import type { Billing } from "../../services/billing/context.ts";
import { AccountFlags } from "../../services/billing/domain/account.ts";
import { createAccounts } from "../../services/billing/operations/create-accounts.ts";
import { createTransfers } from "../../services/billing/operations/create-transfers.ts";
import type { TransferRequest } from "../../services/billing/operations/create-transfers.ts";
import { startSealer } from "../../services/billing/seal/sealer.ts";
import type { Tables } from "../../services/billing/store/tables.ts";
import { ledgerFeed } from "../../services/billing/writer/feed.ts";
import { startWriter } from "../../services/billing/writer/writer.ts";
import { accountIds, FUNDS_MINOR, hotId, randomId } from "./chart.ts";

/** The ledger of billing without its wires. */
export type BenchLedger = AsyncDisposable & {
  readonly billing: Billing;
  /** Makes transfers in one batch, all of which have to succeed; returns their number. */
  readonly create: (transfers: readonly TransferRequest[]) => Promise<number>;
  /** How many transfers were acknowledged. */
  readonly acknowledged: () => number;
};

/** Starts the real writer and the sealer, and gives every account money to spend. */
export async function openLedger(url: string, log: Log): Promise<BenchLedger> {
  await using opened = new AsyncDisposableStack();
  const db = opened.use(connect<Tables>({ url, max: 8, name: "bench" }));
  const options = { url, shard: 0, owner: "bench", clock: systemClock, log };
  const writer = opened.use(await startWriter(options));
  opened.use(startSealer({ url, shard: 0, log }));
  const { assets } = writer;
  const feed = ledgerFeed({ shard: 0, db, commits: writer.commits, assets });
  const chain = { shard: 0, sign: () => unsigned, keys: () => [] };
  const billing: Billing = { db, writer, assets, feed, fourEyes: new Map(), chain };
  let acknowledged = 0;
  const create = async (transfers: readonly TransferRequest[]) => {
    for (const { status } of await createTransfers(billing, transfers, {})) {
      if (status !== "created") throw new Error(`a transfer was refused: ${status}`);
      acknowledged += 1;
    }
    return transfers.length;
  };
  await openAccounts(billing);
  for (const ids of batchesOf([hotId, ...accountIds])) await create(ids.map(fund));
  const resources = opened.move();
  const close = async () => resources.disposeAsync();
  return { billing, create, acknowledged: () => acknowledged, [Symbol.asyncDispose]: close };
}

/** Nothing is signed here. */
const unsigned = { keyId: "", signature: new Uint8Array() };

/** What the transfers of the bench have in common. */
export const plain = {
  pendingId: ZERO_ID,
  timeoutSeconds: 0,
  code: 100,
  flags: 0,
  userData: ZERO_ID,
  asset: "USDT",
  isAll: false,
} as const;

const worldId = derivedId("bench/world");

function fund(creditAccountId: string): TransferRequest {
  const sides = { debitAccountId: worldId, creditAccountId };
  return { ...plain, ...sides, id: randomId(), amount: `${FUNDS_MINOR / 1_000_000n}` };
}

async function openAccounts(billing: Billing): Promise<void> {
  const world = account(worldId, 700, 0);
  const limit = AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS;
  const limited = [hotId, ...accountIds].map((id) => account(id, 100, limit));
  for (const batch of batchesOf([world, ...limited])) await createAccounts(billing, batch, {});
}

function account(id: string, code: number, flags: number) {
  return { id, code, flags, asset: "USDT", userData: ZERO_ID };
}

function batchesOf<T>(items: readonly T[]): T[][] {
  const count = Math.ceil(items.length / 1000);
  return Array.from({ length: count }, (_, at) => items.slice(at * 1000, (at + 1) * 1000));
}
