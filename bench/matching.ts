import { LARGE, measureBooks } from "./matching/books.ts";
import { COMMANDS, FEWER, FLOW, measureCore } from "./matching/core.ts";
import { FIXED, measureJournal } from "./matching/journaled.ts";
import { openPlace } from "./matching/place.ts";
import { measureStart, STARTED } from "./matching/restart.ts";
import type { Report } from "./report.ts";

/** How often each case is measured, and for how long what has no end by itself. */
const usual = { rounds: 5, ms: 2000 };

/**
 * Measures the order books: in memory beside two others, which have to come to the same book, and
 * durably. Throws when books differ.
 */
export async function bench({ rounds, ms } = usual): Promise<Report> {
  const core = await measureCore(rounds);
  const books = await measureBooks(rounds);
  await using place = await openPlace();
  const journal = await measureJournal(place, rounds, ms);
  const start = await measureStart(place.startedUrl, STARTS);
  const rows = [...core, ...books, ...journal, ...start];
  return { bench: "matching", input: describe(place.durability, ms), rows };
}

/** How often the writer is started. */
const STARTS = 3;

function describe(durability: string, ms: number): string {
  const { orders, users, price } = FLOW;
  return (
    `one thread; commands after the recipe of exchange-core's tests, with a seed: ${users} users, ` +
    `about ${orders} live orders, prices around ${price} ticks; exchange-core mix: 9 % GTC, 3 % ` +
    `IOC and FOK, 6 % cancel, 82 % move; insert-heavy mix: 50 % GTC, 5 % IOC, 45 % cancel; ` +
    `${COMMANDS} commands a run, read from the bytes of a journal, with their events written; ` +
    `exchange-core: its OrderBookDirectImpl alone, the same commands, in a JVM that was warm; ` +
    `nodejs-order-book: the first ${FEWER} of the commands, without accounts and without the bound ` +
    `of what a FOK order costs; large book: ${LARGE.orders} orders; journaled: ${durability}, its log in ` +
    `files that were used before, groups of 4096 or 512 commands as records, by two callers in ` +
    `turn, without rows of orders and trades unless said; at a fixed rate: ${FIXED.perSecond} are ` +
    `due a second for ${ms / 1000} s, in groups of 50, and count from when they are due; a row and ` +
    `a commit a command: 16 connections, the same engine; start: until the first command is ` +
    `applied, ${STARTED.orders} orders`
  );
}
