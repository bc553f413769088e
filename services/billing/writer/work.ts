import type { Ledger } from "../domain/ledger.ts";
import type { NewTransfer } from "../domain/transfer.ts";
import type { ReplyKey } from "../store/replies.ts";
import type { Monitors } from "./monitors.ts";
import type { Register } from "./register.ts";
import type { Replies } from "./replies.ts";

/** Something for the writer to decide, strictly in the order in which it came (WR-1). */
export type Work<R> = Bounds & {
  /** How many events it has; a read counts as one. */
  readonly eventCount: number;
  /** The transfers, and those that they resolve, which have to be known before it is decided. */
  readonly ids?: readonly Ids[];
  /** The kept replies that have to be known before it is decided. */
  readonly keys?: readonly ReplyKey[];
  /**
   * Decides in memory; what it returns or throws is answered after the commit. It runs again when
   * the commit failed, so it may depend on nothing that an earlier run has left behind.
   */
  readonly decide: (turn: Turn) => R;
};

/** How long the caller waits. */
export type Bounds = {
  /** Aborted when the caller is gone. */
  readonly signal?: AbortSignal | undefined;
  /** When the caller stops waiting, in milliseconds since 1970. */
  readonly deadlineMs?: number | undefined;
};

/** A transfer by its id, with the pending transfer that it resolves. */
type Ids = Pick<NewTransfer, "id" | "pendingId">;

/** What a decision is made on. Everything that is due has expired (EXT-4). */
export type Turn = {
  readonly ledger: Ledger;
  /** The database's time, in microseconds since 1970. */
  readonly atUs: number;
  readonly replies: Replies;
  readonly register: Register;
  readonly monitors: Monitors;
};

/** Work that waits, with the caller who waits for it. */
export type Job = {
  readonly work: Work<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** How many commits PostgreSQL has refused with this job in them. */
  refusals: number;
};
