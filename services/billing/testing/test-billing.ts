import { join } from "node:path";
import { ChargeAccountResponseSchema } from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import type { IdempotentCall } from "#mesh/idempotent-call.ts";
import { newId } from "#mesh/ids.ts";
import { temporaryFolder } from "#mesh/testing/folder.ts";
import { ensureTokenKeys, readKeys } from "#mesh/token-keys.ts";
import { createSigner } from "#mesh/tokens.ts";
import type { Billing, ChainKeys } from "../context.ts";
import { availableAccount } from "../domain/chart.ts";
import type { FourEyes } from "../domain/four-eyes.ts";
import { type Charge, chargeAccount } from "../operations/charge-account.ts";
import { openHouseAccounts } from "../operations/open-house-accounts.ts";
import { toBalance, toEntry } from "../rpc/wallet-messages.ts";
import { ledgerFeed } from "../writer/feed.ts";
import { testBooks, testWriter } from "./test-ledger.ts";

/** Billing on a real database, with a clock that a test can move ahead. */
export async function testBilling({ fourEyes = new Map() }: { fourEyes?: FourEyes } = {}) {
  await using stack = new AsyncDisposableStack();
  const db = stack.use(await testBooks());
  const time = { aheadMs: 0 };
  const monotonicMs = () => performance.now() + time.aheadMs;
  const writer = stack.use(await testWriter(db.url, { clock: { nowMs: Date.now, monotonicMs } }));
  const { assets } = writer;
  const feed = ledgerFeed({ shard: 0, db, commits: writer.commits, assets });
  const billing: Billing = { db, writer, assets, feed, fourEyes, chain: await chainKeys(stack) };
  await openHouseAccounts(billing);
  const open = stack.move();
  return { billing, db, time, [Symbol.asyncDispose]: async () => open.disposeAsync() };
}

/** Keys to sign the hash chain with, as a service has them. */
async function chainKeys(stack: AsyncDisposableStack): Promise<ChainKeys> {
  const { path } = stack.use(temporaryFolder());
  await ensureTokenKeys(path, ["billing"]);
  const { sign } = stack.use(createSigner(path, "billing"));
  return { shard: 0, sign, keys: () => readKeys(join(path, "jwks.json")) };
}

/** Opens the first account of a new owner, as core does (ACC-9), with some money on it. */
export async function newOwner(billing: Billing, amount = "0"): Promise<string> {
  const ownerId = newId();
  const account = availableAccount(ownerId, billing.assets.byCode("IRR")!);
  await billing.writer.submit({
    eventCount: 1,
    decide: ({ ledger, atUs }) => ledger.createAccounts([account], atUs),
  });
  if (amount !== "0") await charge(billing, { userId: ownerId, amount });
  return ownerId;
}

/** A call that an administrator makes under a key. */
export function callOf(key: string = newId(), hash = new Uint8Array(32)): IdempotentCall {
  const method = "mizan.billing.v1.WalletService/ChargeAccount";
  return { principal: "admin", method, key, hash, replayed: false };
}

/** Charges an account of IRR, unless another asset is named. */
export async function charge(
  billing: Billing,
  request: Partial<Charge> & { readonly userId: string },
  call: IdempotentCall = callOf(),
) {
  const { assets } = billing;
  const whole = { asset: "IRR", amount: "1.00", reference: "", ...request };
  return chargeAccount(billing, whole, {
    call,
    schema: ChargeAccountResponseSchema,
    toMessage: (entry) => ({
      entry: toEntry(assets, entry),
      balance: toBalance(assets, entry.balance),
    }),
  });
}
