import { LARGE, measureBooks } from "./matching/books.ts";
import { COMMANDS, FEWER, FLOW, measureCore } from "./matching/core.ts";
import type { Report } from "./report.ts";

/** How often each case is measured. */
const usual = { rounds: 5 };

/**
 * Measures the order books: in memory beside two others, which have to come to the same book, and
 * durably. Throws when books differ.
 */
export async function bench({ rounds } = usual): Promise<Report> {
  const core = await measureCore(rounds);
  const books = await measureBooks(rounds);
  return { bench: "matching", input: describe(), rows: [...core, ...books] };
}

function describe(): string {
  const { orders, users, price } = FLOW;
  return (
    `one thread; commands after the recipe of exchange-core's tests, with a seed: ${users} users, ` +
    `about ${orders} live orders, prices around ${price} ticks; exchange-core mix: 9 % GTC, 3 % ` +
    `IOC and FOK, 6 % cancel, 82 % move; insert-heavy mix: 50 % GTC, 5 % IOC, 45 % cancel; ` +
    `${COMMANDS} commands a run, read from the bytes of a journal, with their events written; ` +
    `exchange-core: its OrderBookDirectImpl alone, the same commands, in a JVM that was warm; ` +
    `nodejs-order-book: the first ${FEWER} of the commands, without accounts and without the bound ` +
    `of what a FOK order costs; large book: ${LARGE.orders} orders`
  );
}
