import type { Engine } from "../domain/engine.ts";
import type { RatesOf } from "../domain/event-money.ts";
import type { ListedMarket } from "../domain/listed-market.ts";
import type { Markets } from "../domain/markets.ts";

/** What rows need to know that events name by numbers. */
export type ResultSources = {
  readonly market: (no: number) => ListedMarket;
  /** The 32 hex digits of the owner of an account. */
  readonly owner: (account: number) => string;
  readonly rates: RatesOf;
};

/** Looks numbers up in an engine, and in the rows of markets. */
export function resultSources(engine: Engine, markets: Pick<Markets, "byNumber">): ResultSources {
  const owners: string[] = [];
  return {
    market: (no) => {
      const found = markets.byNumber(no);
      if (found === undefined) throw new Error(`there is no market ${no}`);
      return found;
    },
    owner: (account) => (owners[account] ??= engine.account(account)!.owner),
    rates: (tier) => engine.tier(tier)!,
  };
}
