import { hash } from "node:crypto";
import { attemptAt } from "../domain/send-payout.ts";
import type { Checked } from "../domain/check-payout.ts";
import { accountKey } from "../domain/mask-account.ts";
import type { Payout } from "../domain/payout.ts";
import type { Sent } from "../domain/route.ts";

/** A payout that core asks for. */
export type Wanted = {
  readonly id: string;
  readonly merchantId: string;
  readonly accountId: string;
  /** In minor units; more than zero. */
  readonly amountMinor: bigint;
  readonly asset: string;
  readonly bankAccount: string;
  /** SHA-256 of all of these, in hex. */
  readonly hash: string;
};

/** What names the content of a payout: the same id with another one is refused (PAY-1). */
export function contentHash(wanted: Omit<Wanted, "hash">): string {
  const { id, merchantId, accountId, amountMinor, asset, bankAccount } = wanted;
  const content = [id, merchantId, accountId, String(amountMinor), asset, bankAccount];
  return hash("sha256", JSON.stringify(content), "hex");
}

/** Where a payout goes, as beneficiaries are told apart. */
export function targetOf({ bankAccount, accountId }: Wanted): string {
  return accountKey(bankAccount || accountId);
}

/** A payout that waits to be sent, before it is stored. */
function queued(wanted: Wanted): Payout {
  return {
    id: wanted.id,
    merchantId: wanted.merchantId,
    accountId: wanted.accountId,
    amountMinor: wanted.amountMinor,
    asset: wanted.asset,
    bankAccount: wanted.bankAccount,
    state: "PENDING",
    stage: "QUEUED",
    version: 1,
    reason: "",
    provider: "",
    bankReference: "",
    attempts: [],
    isContradicted: false,
    tries: 0,
    createdAtMs: 0,
    updatedAtMs: 0,
  };
}

/** A payout that its checks did not let go on to a provider at once. */
export function stopped(wanted: Wanted, checked: Checked): Payout {
  const payout = queued(wanted);
  if (checked.kind === "PASSED") return { ...payout, stage: checked.stage };
  return { ...payout, state: "FAILED", stage: undefined, reason: checked.reason };
}

/** A payout that is on its way to a provider from its first commit on (PAY-8). */
export function sending(wanted: Wanted, to: Sent): Payout {
  const payout = queued(wanted);
  const attempts = [attemptAt(payout, to)];
  const { provider } = to;
  return { ...payout, state: "SENDING", stage: "SUBMITTING", provider, attempts };
}

/** A new payout with the time of its commit. */
export function stamped(payout: Payout, atMs: number): Payout {
  const times = { createdAtMs: atMs, updatedAtMs: atMs };
  const attempts = payout.attempts.map((attempt) => ({ ...attempt, ...times }));
  return { ...payout, ...times, attempts };
}
