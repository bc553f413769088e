import type { Settlement } from "../context.ts";
import { decideNews, type News } from "../domain/decide-news.ts";
import { afterMove, joinMoves, type Move } from "../domain/move.ts";
import type { Payout } from "../domain/payout.ts";
import { commitMoves } from "../engine/commit-moves.ts";
import { keptWords } from "../engine/kept-words.ts";
import { lockPayouts, payoutsOfReferences, type StoredPayout } from "../store/read-payouts.ts";
import type { Tx } from "../store/tables.ts";

/** What a provider says about one of our references, asked or by itself. */
export type PayoutNews = News & { readonly provider: string };

/** What news did: they moved a payout, or changed nothing, or nobody knows the reference. */
export type Effect = "MOVED" | "NOTHING" | "STRANGE";

/**
 * Applies what providers say, in the caller's transaction and in the order of the news; one effect
 * each. Late and repeated news change nothing; what contradicts an end is flagged (PAY-6). The
 * caller says `committed` afterwards.
 */
export async function applyNews(
  tx: Tx,
  { banks }: Pick<Settlement, "banks">,
  news: readonly PayoutNews[],
): Promise<Effect[]> {
  const ids = await payoutsOfReferences(tx, news);
  const locked = await lockPayouts(tx, [...new Set(ids.values())]);
  const stored = new Map(locked.map((payout) => [payout.id, payout]));
  const moves = new Map<string, Move>();
  const effects = news.map((one): Effect => {
    const before = stored.get(ids.get(one.ref) ?? "");
    if (before === undefined) return "STRANGE";
    const move = moveOf(before, moves.get(before.id), { ...one, windowMs: windowOf(banks, one) });
    if (move === undefined) return "NOTHING";
    moves.set(before.id, joinMoves(moves.get(before.id), move));
    return "MOVED";
  });
  await commitMoves(tx, [...moves.values()]);
  return effects;
}

function moveOf(
  stored: StoredPayout,
  earlier: Move | undefined,
  { windowMs, ...news }: PayoutNews & { readonly windowMs: number },
): Move | undefined {
  const now: Payout = earlier === undefined ? stored : afterMove(earlier);
  const attempt = now.attempts.find(({ ourRef }) => ourRef === news.ref);
  const overMs = attempt && stored.callOverMs.get(attempt.no);
  return decideNews(now, keptWords(news, stored), overMs !== undefined && overMs >= windowMs);
}

/** A provider that is no longer in the settings may still be late. */
function windowOf(banks: Settlement["banks"], { provider }: PayoutNews): number {
  return banks.get(provider)?.caps.windowMs ?? Infinity;
}
