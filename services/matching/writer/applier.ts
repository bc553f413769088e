import type { Engine } from "../domain/engine.ts";
import type { Event } from "../domain/event.ts";
import { refusalOf } from "../domain/refusals.ts";
import type { JournalRow } from "../store/journal.ts";
import { type Batch, NOWHERE } from "./batch.ts";
import { type Happened, readEvents } from "./events-of.ts";
import { type Applied, applyRow, createApplied, type Memory } from "./memory.ts";
import type { Results } from "./results.ts";
import type { Outcome } from "./submission.ts";
import { decodeTexts } from "./texts.ts";
import type { AppliedBatch } from "./writer-api.ts";

/** The books, as far as applying to them goes. */
type Appliable = { readonly memory: Memory; readonly results: Results | undefined };

/** Applies what is journaled, and tells of it. */
export type Applier = {
  /** The books as they were shown, or told of to the listeners, last. */
  readonly engine: Engine;
  /** Shows books that were opened. */
  show(engine: Engine): void;
  /**
   * Applies the next batch, collects what it has led to, tells the listeners unless they know, and
   * answers the callers.
   */
  apply(books: Appliable, row: JournalRow, from: Batch | "replay"): void;
  onBatch(listener: (batch: AppliedBatch) => void): Disposable;
};

/** Makes one that goes on when books are opened anew: nobody is told twice. */
export function createApplier(): Applier {
  const listeners = new Set<(batch: AppliedBatch) => void>();
  const applied = createApplied();
  let toldBatch = 0;
  let shown: Engine | undefined;
  return {
    get engine() {
      return shown!; // books are shown before anybody is served
    },
    show: (engine) => void (shown = engine),
    apply({ memory, results }, row, from) {
      applyRow(memory, row, applied);
      let read: Happened[] | undefined;
      const happened = () => (read ??= readEvents(applied.log));
      const texts = () => decodeTexts(row.texts);
      const isRefused = (place: number) => applied.codes[place] !== 0;
      const done = () => ({ row, texts: texts(), happened: happened(), isRefused });
      const releases = results?.add(done()) ?? [];
      if (row.batch > toldBatch) {
        const { batch, atMs, firstSeq } = row;
        const { engine } = memory;
        const told: AppliedBatch = {
          batch,
          atMs,
          firstSeq,
          engine,
          releases,
          log: applied.log,
          isReplay: from === "replay",
          get events() {
            return happened().map(({ event }) => event);
          },
        };
        toldBatch = batch;
        shown = engine; // not before: books that are opened anew are behind the ones before at first
        for (const listener of listeners) listener(told);
      }
      if (from !== "replay") settle(from, row, { codes: applied.codes, happened });
    },
    onBatch(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
}

/** Answers those whose commands a batch has; some of them may be nowhere. */
export function settle(
  { jobs, shift }: Batch,
  row: JournalRow,
  { codes, happened }: Pick<Applied, "codes"> & { readonly happened: () => readonly Happened[] },
): void {
  let events: Map<number, Event[]> | undefined;
  const { batch, firstSeq, atMs } = row;
  const outcome = (place: number): Outcome => {
    if (place === NOWHERE) return { refusal: "ORDER_ID_RELEASED", events: [], atMs, seq: 0, batch };
    const at = place + shift;
    const refusal = refusalOf(codes[at]!);
    events ??= byPlace(happened());
    const common = { events: events.get(at) ?? [], atMs, seq: firstSeq + at, batch };
    return refusal === undefined ? common : { refusal, ...common };
  };
  for (const { job, places } of jobs) {
    if ("write" in job.work) {
      job.work.resolve({ batch, firstSeq: firstSeq + shift + places[0]!, atMs });
    } else {
      job.work.resolve(places.map(outcome));
    }
  }
}

function byPlace(happened: readonly Happened[]): Map<number, Event[]> {
  const events = new Map<number, Event[]>();
  for (const { event, place } of happened) {
    const others = events.get(place);
    if (others === undefined) events.set(place, [event]);
    else others.push(event);
  }
  return events;
}
