import { MAX_JUDGED_PAYOUTS } from "#mesh/limits.ts";
import { type Judgement, judgeLines } from "../domain/judge-lines.ts";
import { endWait } from "../store/awaited-payments.ts";
import { keepDifferences, type LineDifference, settleLines } from "../store/differences.ts";
import { findPayoutLines, type PayoutWithLines } from "../store/statement-lines.ts";
import type { Tx } from "../store/tables.ts";

/**
 * Compares payouts with all lines of a provider that carry their references, keeps what does not
 * agree, settles what does, and has the ledger book what has left the account. It may be done as
 * often as anybody likes.
 */
export async function judgePayouts(
  tx: Tx,
  provider: string,
  payoutIds: readonly string[],
): Promise<void> {
  for (let from = 0; from < payoutIds.length; from += MAX_JUDGED_PAYOUTS) {
    const ids = payoutIds.slice(from, from + MAX_JUDGED_PAYOUTS);
    const judged = (await findPayoutLines(tx, provider, ids)).map(judge);
    await keepDifferences(tx, provider, judged.flatMap(differencesOf));
    await settleLines(tx, provider, judged.flatMap(matchedLines));
    const shown = judged.filter(({ judgement }) => judgement.isShown).map(idOf);
    const bookable = judged.filter(({ judgement }) => judgement.isBookable).map(idOf);
    await endWait(tx, provider, { shown, bookable });
  }
}

type Judged = { readonly payout: PayoutWithLines; readonly judgement: Judgement };

function judge(payout: PayoutWithLines): Judged {
  return { payout, judgement: judgeLines(payout, payout.lines) };
}

function differencesOf({ payout, judgement }: Judged): LineDifference[] {
  return payout.lines.flatMap((line) => {
    const kind = judgement.buckets.get(line.id)!;
    if (kind === "MATCHED") return [];
    const one: LineDifference = {
      statementId: line.statementId,
      kind,
      isIncoming: line.isIncoming,
      isSettled: judgement.isExplained,
      isToAsk: line.isIncoming && judgement.isReturnToAsk,
      payoutId: payout.id,
      payoutVersion: payout.isFinal ? null : payout.version,
      lineId: line.id,
      reference: payout.reference,
      ourMinor: payout.isPaid ? payout.amountMinor : null,
      statementMinor: line.amountMinor,
    };
    return [one];
  });
}

function matchedLines({ payout, judgement }: Judged): string[] {
  const ids = payout.lines.map(({ id }) => id);
  return ids.filter((id) => judgement.buckets.get(id) === "MATCHED");
}

function idOf({ payout }: Judged): string {
  return payout.id;
}
