import type { Settlement } from "../context.ts";
import { decideNews, type News } from "../domain/decide-news.ts";
import { afterMove, joinMoves, type Move } from "../domain/move.ts";
import { commitMoves } from "../engine/commit-moves.ts";
import { keptWords } from "../engine/kept-words.ts";
import {
  lockPayouts,
  payoutsOfReferences,
  referenceKey,
  type StoredPayout,
} from "../store/read-payouts.ts";
import type { Tx } from "../store/tables.ts";

/** What a provider says about one of our references, asked or by itself. */
export type PayoutNews = News & {
  readonly provider: string;
  /** The payout as it was before the provider was asked; absent when it tells by itself. */
  readonly asked?: StoredPayout;
};

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
    const before = stored.get(ids.get(referenceKey(one)) ?? "");
    if (before === undefined) return "STRANGE";
    const earlier = moves.get(before.id);
    const now = earlier === undefined ? before : afterMove(earlier);
    const move = decideNews(now, keptWords(one, before), isOver(before, one, banks));
    if (move === undefined) return "NOTHING";
    moves.set(before.id, joinMoves(earlier, move));
    return "MOVED";
  });
  await commitMoves(tx, [...moves.values()]);
  return effects;
}

/**
 * Whether the provider was asked after its window, by the clock of the database: how long it took
 * to answer does not count (PAY-4). A payout that has moved meanwhile may be under way again.
 */
function isOver(
  now: StoredPayout,
  { asked, provider, ref }: PayoutNews,
  banks: Settlement["banks"],
): boolean {
  if (asked?.version !== now.version) return false;
  const attempt = asked.attempts.find(({ ourRef }) => ourRef === ref);
  const overMs = attempt && asked.callOverMs.get(attempt.no);
  return overMs !== undefined && overMs >= windowOf(banks, provider);
}

/** A provider that is no longer in the settings may still be late. */
function windowOf(banks: Settlement["banks"], provider: string): number {
  return banks.get(provider)?.caps.windowMs ?? Infinity;
}
