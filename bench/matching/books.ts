import { type Row, row } from "../report.ts";
import { inTurn } from "../rounds.ts";
import { measureDeepLevel } from "./deep-level.ts";
import { drawLargeBook, measureLargeBook } from "./large-book.ts";
import { drawMarkets, measureMarkets } from "./many-markets.ts";

/** How large the books are that are measured. */
export const LARGE = {
  orders: 1_000_000,
  markets: 1000,
  ordersOfMarket: 1000,
  commands: 1_000_000,
};

/** Measures what large books and many books take, in this process. */
export async function measureBooks(rounds: number): Promise<Row[]> {
  const { markets, ordersOfMarket, orders, commands } = LARGE;
  const logs = drawMarkets({ markets, orders: ordersOfMarket }, commands);
  const large = drawLargeBook(orders);
  const found = await inTurn(
    [
      async () => measureDeepLevel(),
      async () => measureMarkets(logs),
      async () => measureLargeBook(large),
    ],
    rounds,
  );
  const of = (name: string, unit: string, baseline?: Row) =>
    row(name, unit, found[name]!, baseline);
  const shallow = of("cancel in a level of 10", "µs");
  return [
    of("cancel in a level of 100,000", "µs", shallow),
    shallow,
    of("nodejs-order-book, cancel in a level of 20,000", "µs"),
    of("1,000 markets", "commands/s"),
    of("1,000 markets, memory", "MiB"),
    of("memory of an order", "B"),
    of("copy of a large book", "ms"),
    of("load of a large book", "ms"),
  ];
}
