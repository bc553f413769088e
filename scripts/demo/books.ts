import { setTimeout as sleep } from "node:timers/promises";
import { type Audit, Audit_State } from "#gen/mizan/billing/v1/audit_pb.ts";
import { table } from "../platform/table.ts";
import { textOf, withCommas } from "./amounts.ts";
import { type Actor, ASSET, type Step } from "./stage.ts";

/** All balances are made anew from all transfers, and everybody's money is shown to be there. */
export const audit: Step = {
  title: "The administrator has all books audited, and proves that the money is there",
  async act({ admin, run }) {
    const { audit: started } = await admin.calls.audits.startAudit({ requestId: `audit-${run}` });
    const { state, checkedSeq, checkedAccounts } = await endOf(admin, started!);
    if (state !== Audit_State.PASSED) throw new Error(`The audit ${started!.id} did not pass.`);
    const { proof } = await admin.calls.audits.getProof({ asset: ASSET });
    if (proof?.isBalanced !== true) throw new Error(`The debits of ${ASSET} are not its credits.`);
    const rows = proof.lines.map(({ name, accountCount, debitsPosted, creditsPosted }) => [
      name,
      String(accountCount).padStart(8),
      withCommas(debitsPosted).padStart(16),
      withCommas(creditsPosted).padStart(16),
    ]);
    return [
      `${checkedSeq} transfers make ${checkedAccounts} accounts as they are, to the unit`,
      ...table([`${ASSET} of`, "accounts", "debits", "credits"], rows).split("\n"),
      `users have a right to ${textOf(proof.liabilities)}, and ${textOf(proof.custody)} is there`,
    ];
  },
};

async function endOf({ calls }: Actor, { id }: Audit): Promise<Audit> {
  const endMs = performance.now() + MAX_AUDIT_MS;
  for (;;) {
    const { audit: now } = await calls.audits.getAudit({ auditId: id });
    if (now !== undefined && now.state !== Audit_State.RUNNING) return now;
    if (performance.now() >= endMs) throw new Error(`The audit ${id} has not ended in time.`);
    await sleep(LOOK_EVERY_MS);
  }
}

/** Enough for what happened since the demo began, on any stack that people play with. */
const MAX_AUDIT_MS = 60_000;
const LOOK_EVERY_MS = 200;
