import type { Command, Side } from "../domain/command.ts";
import type { Event, Refusal } from "../domain/event.ts";
import { type Level, depthOf } from "../domain/naive-book.ts";
import { createNaiveEngine } from "../domain/naive-engine.ts";
import { createFastBook } from "./fast-book.ts";

/** What a command did to a book. */
export type Answer = { readonly refusal: Refusal | undefined; readonly events: readonly Event[] };

/** An engine as the cases see it, so that each case holds for all engines there are. */
export type Book = {
  readonly apply: (command: Command, atMs: number) => Answer;
  readonly depth: (market: number, side: Side, levels: number) => readonly Level[];
  /** Throws when the state does not agree with itself. */
  readonly validate: () => void;
};

/** The ways to make a book, by name: what `test.each` goes over. */
export const books: readonly { readonly name: string; readonly createBook: () => Book }[] = [
  { name: "naive", createBook: createNaiveBook },
  { name: "fast", createBook: createFastBook },
];

function createNaiveBook(): Book {
  const { apply, state } = createNaiveEngine();
  return {
    apply,
    depth: (market, side, levels) => depthOf(state.markets.get(market)!, side, levels),
    validate: () => {},
  };
}
