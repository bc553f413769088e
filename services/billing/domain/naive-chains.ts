import type { NaiveBook } from "./naive-book.ts";

/** What became of events, and the book after them. */
export type Run<Result> = { readonly results: readonly Result[]; readonly book: NaiveBook };

/** Answers one event: its result, and the book after it. */
export type Step<Event, Result> = (book: NaiveBook, event: Event) => Run<Result>;

/** Takes events chain by chain: each leaves the book that the next one starts from. */
export function inChains<Event extends { flags: number }, Result extends { status: string }>(
  start: NaiveBook,
  events: readonly Event[],
  step: Step<Event, Result>,
): Run<Result> {
  let run: Run<Result> = { results: [], book: start };
  while (run.results.length < events.length) {
    const rest = events.slice(run.results.length);
    const last = rest.findIndex(({ flags }) => flags % 2 === 0);
    const next =
      last < 0
        ? leaveOpen<Result>(run.book, rest)
        : runChain(run.book, rest.slice(0, last + 1), step);
    run = { results: [...run.results, ...next.results], book: next.book };
  }
  return run;
}

function leaveOpen<Result>(book: NaiveBook, chain: readonly unknown[]): Run<Result> {
  const [, ...others] = chain.map(() => ({ status: "linked_event_failed" }));
  return { results: [...others, { status: "linked_event_chain_open" }] as Result[], book };
}

function runChain<Event, Result extends { status: string }>(
  start: NaiveBook,
  chain: readonly Event[],
  step: Step<Event, Result>,
): Run<Result> {
  const copies = chain.flatMap((event) => step(start, event).results);
  if (copies.every(({ status }) => status === "exists")) return { results: copies, book: start };
  let run: Run<Result> = { results: [], book: start };
  for (const event of chain) {
    const next = step(run.book, event);
    const [result] = next.results as [Result];
    if (result.status !== "created") {
      const failed = { status: "linked_event_failed" } as Result;
      const answer = result.status === "exists" ? seenBefore(copies[run.results.length]!) : result;
      const results = chain.map((_, place) => (place === run.results.length ? answer : failed));
      return { results, book: { ...start, failed: next.book.failed } };
    }
    run = { results: [...run.results, result], book: next.book };
  }
  return run;
}

/** What exists only inside a chain that failed was never there to be shown. */
function seenBefore<Result extends { status: string }>(copy: Result): Result {
  return copy.status === "exists" ? copy : ({ status: "exists" } as Result);
}
