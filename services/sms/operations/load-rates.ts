import type { Database } from "#mesh/database/connect.ts";
import { type RateCard, rateCardOf } from "../domain/rate-card.ts";
import type { Currency } from "../events.ts";
import { findRateCard } from "../store/rate-cards.ts";
import type { Tables } from "../store/tables.ts";

/** The rate card of now, in memory: prices are asked for with every message. */
export type Rates = {
  readonly current: () => RateCard;
  /** Looks whether another version is valid by now. Its messages keep the price they had. */
  readonly refresh: () => Promise<void>;
};

/** Reads the rate card. Throws when there is none, or when it can't be read. */
export async function loadRates(db: Database<Tables>, { asset, scale }: Currency): Promise<Rates> {
  const read = async () => rateCardOf({ ...(await findRateCard(db)), asset }, scale);
  let card = await read();
  return {
    current: () => card,
    refresh: async () => {
      card = await read();
    },
  };
}
