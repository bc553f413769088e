import { reasonOf } from "./http.ts";
import type { Merchant, People } from "./people.ts";
import { ended, shownIn, withdraw } from "./withdraw.ts";

/** How often merchants race, and how many callers take part each time. */
export type RaceOptions = { readonly rounds: number; readonly callers: number };

/**
 * Leaves a merchant with one unit of credit, and has many callers withdraw it at once, round after
 * round; the merchants take turns, each of which has used nothing yet or exactly its limit. Returns
 * a sentence for each round that was not won by exactly one.
 */
export async function race(
  people: People,
  merchants: readonly Merchant[],
  { rounds, callers }: RaceOptions,
): Promise<{ readonly rounds: number; readonly violations: readonly string[] }> {
  const violations: string[] = [];
  for (let round = 0; round < rounds; round++) {
    const merchant = merchants[round % merchants.length]!;
    const turn = Math.floor(round / merchants.length) + 1;
    await people.setLimit(merchant, `${turn}.00`);
    const asked = Array.from({ length: callers }, async () => withdraw(people, merchant));
    const answers = await Promise.all(asked);
    const refusals = answers.map(reasonOf);
    const losers = refusals.filter((reason) => reason === "INSUFFICIENT_CREDIT").length;
    const winners = answers.filter((_, index) => refusals[index] === undefined);
    const ends = await Promise.all(
      winners.map(async (answer) => (await ended(people, merchant, shownIn(answer).id)).state),
    );
    const credit = await people.credit(merchant);
    const isExact = credit.utilized === `${turn}.00` && credit.available === "0.00";
    const isWonByOne = ends.length === 1 && ends[0] === "STATE_SUCCEEDED";
    if (isWonByOne && losers === callers - 1 && isExact) continue;
    const counts = `${ends.length} winners (${ends.join(", ")}), ${losers} losers`;
    violations.push(`round ${round}: ${counts}, used ${credit.utilized} of ${turn}.00`);
  }
  return { rounds, violations };
}
