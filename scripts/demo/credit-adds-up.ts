import { Withdrawal_State as State } from "#gen/mizan/core/v1/withdrawal_pb.ts";
import { bytesOf, derivedId } from "#mesh/ids.ts";
import { minor } from "./amounts.ts";
import { REPAID } from "./merchants.ts";
import type { Stage } from "./stage.ts";
import { paymentsOf, withdrawalsOf } from "./withdrawals.ts";

/** Compares what the merchant withdrew with credit, ledger and banks; each sentence with its truth. */
export async function creditAddsUp(stage: Stage): Promise<ReadonlyMap<string, boolean>> {
  const found = new Map<string, boolean>();
  const withdrawals = await withdrawalsOf(stage);
  const paid = withdrawals.filter(({ state }) => state === State.SUCCEEDED);
  const due = paid.reduce((sum, { amount }) => sum + minor(amount), -minor({ amount: REPAID }));
  const { credit } = await stage.shop.calls.credit.getCredit({});
  found.set(
    "Cyrus has used what was paid to him and did not come back",
    minor(credit?.utilized) === due && minor(credit?.held) === 0n,
  );
  found.set("Cyrus's accounts on the ledger show it too", (await usedOnLedger(stage)) === due);
  const times = await Promise.all(
    withdrawals.map(async (one) => {
      const wasPaid = one.state === State.SUCCEEDED || one.state === State.RETURNED;
      return (await paymentsOf(stage, one)) === (wasPaid ? 1 : 0);
    }),
  );
  found.set(
    "the banks paid each of Cyrus's withdrawals once, and no refused one",
    times.every(Boolean),
  );
  return found;
}

/** The net of the transfers on the account of what a merchant has used. */
async function usedOnLedger({ ledger, shop }: Stage): Promise<bigint> {
  const path = `account/merchant/${shop.id}/credit_used`;
  const accountId = bytesOf(derivedId(path));
  const { accounts } = await ledger.lookupAccounts({ accountIds: [accountId] });
  const [account] = accounts;
  if (account === undefined) throw new Error("The ledger has no account of the merchant.");
  return minor({ amount: account.creditsPosted }) - minor({ amount: account.debitsPosted });
}
