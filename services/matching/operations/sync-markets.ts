import { isDeepStrictEqual } from "node:util";
import type { Matching } from "../context.ts";
import { readMarkets } from "../store/markets.ts";

type Means = Pick<Matching, "db" | "markets" | "writer">;

/**
 * Has the books list the markets that have rows, and accept what these say, one look after the other:
 * a row is the intent, which a crash may have left alone.
 */
export async function syncMarkets(means: Means): Promise<void> {
  const before = looks.get(means.markets);
  const look = (async () => {
    await before?.catch(() => undefined); // its caller is told
    await sync(means);
  })();
  looks.set(means.markets, look);
  await look;
}

/** The last look of each list of markets. */
const looks = new WeakMap<object, Promise<void>>();

async function sync({ db, markets, writer }: Means): Promise<void> {
  for (const market of await readMarkets(db.sql)) {
    const { no, terms } = market;
    const view = writer.engine.market(no);
    markets.put(market); // first: whoever records what the books do knows it by its number
    if (view !== undefined && isDeepStrictEqual(view.rules, terms.rules)) continue;
    await writer.submit([{ command: { kind: "MARKET", market: no, rules: terms.rules } }]);
  }
}
