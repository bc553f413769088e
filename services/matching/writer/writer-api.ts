import type { Engine } from "../domain/engine.ts";
import type { EventLog } from "../domain/event-log.ts";
import type { OrderId } from "../domain/command.ts";
import type { Event, Refusal } from "../domain/event.ts";
import type { OwedRelease } from "../domain/owed-release.ts";
import type { Bounds, Outcome, Submission } from "./submission.ts";

/** What may be asked of the books; only the writer changes them. */
export type EngineReads = Omit<Engine, "apply" | "refusal" | "dump" | "validate">;

/**
 * The one who writes to the books of a shard. Disposing of it ends the intake, works off what is
 * queued, and gives the shard to the next.
 */
export type Writer = AsyncDisposable & {
  /**
   * Why a PLACE, OCO, AMEND or REPLACE would be refused now, on what is applied: the service asks
   * before it takes a hold. It may be refused nevertheless when its turn comes. Throws BOOKS_AWAY
   * as `engine` does.
   */
  check(submission: Submission): Refusal | undefined;
  /** The time of the books: that which a command would be applied at now. Throws BOOKS_AWAY too. */
  nowMs(): number;
  /**
   * Journals commands one behind the other, none of others in between, applies them in their turn
   * and tells what became of each. Throws OVERLOADED at the cap of the queue, DEADLINE_PASSED for
   * work whose turn comes too late, and SHUTTING_DOWN; then nothing was done. OUTCOME_UNKNOWN is
   * thrown where it may have been journaled.
   */
  submit(submissions: readonly Submission[], bounds?: Bounds): Promise<readonly Outcome[]>;
  /**
   * The books as they are applied. Ask anew each time: after a failure there are others. Throws
   * BOOKS_AWAY when another process may write to them by now, so that nothing is decided on what is
   * past (X3).
   */
  readonly engine: EngineReads;
  /** The same where they are only shown: they may be past. */
  readonly shown: EngineReads;
  /** Settles when the rows of all that was answered by now are committed. */
  flushed(): Promise<void>;
  /**
   * Calls a listener right after a batch was applied, once for each and in order, before the
   * answers leave. It may not wait, and may not throw.
   */
  onBatch(listener: (batch: AppliedBatch) => void): Disposable;
  /**
   * Has orders refused for ever that no command has placed (FUND-8); returns those that are now, in
   * a committed row. The others are live, stored, or about to be placed.
   */
  burn(orders: readonly OrderId[]): Promise<readonly OrderId[]>;
  /** Whether commands are applied now; not while memory is loaded anew. */
  isReady(): boolean;
  /** How many commands wait. */
  queued(): number;
  /** Under which epoch it writes; each process that takes over raises it. */
  readonly epoch: number;
  /** Settles when nothing is written any more; with the reason, if nobody asked for it. */
  readonly ended: Promise<Error | undefined>;
};

/** A batch of commands that was just applied. What it has is as of then, and `log` only until then. */
export type AppliedBatch = {
  readonly batch: number;
  readonly atMs: number;
  /** The number of its first command in the journal. */
  readonly firstSeq: number;
  /** What happened, in words: to be read at once, since the next batch writes over it. */
  readonly log: EventLog;
  /** What happened, as objects; they are made when they are first asked for. */
  readonly events: readonly Event[];
  /** What it has freed of holds outside of trades. */
  readonly releases: readonly OwedRelease[];
  readonly engine: EngineReads;
  /** It was journaled before memory was loaded anew, and comes late. */
  readonly isReplay: boolean;
};
