import type { CommandLog } from "../domain/command-log.ts";
import type { Bounds, Outcome, Submission } from "./submission.ts";

/** Commands that are journaled one behind the other, with the caller who waits for them. */
export type Job = {
  /** How many commands there are, but for those that make accounts and tiers known. */
  readonly count: number;
  readonly bounds: Bounds;
  readonly work: Submitted | Written;
  readonly reject: (error: unknown) => void;
};

/** Commands as objects, each with an outcome. */
type Submitted = {
  readonly submissions: readonly Submission[];
  readonly resolve: (outcomes: readonly Outcome[]) => void;
};

/**
 * Commands that somebody writes into the log as records, with the numbers of accounts and tiers that
 * the engine knows; nobody is told what became of each.
 */
type Written = {
  readonly write: (log: CommandLog) => void;
  readonly resolve: (placed: Placed) => void;
};

/** Where in the journal written commands are. */
export type Placed = { readonly batch: number; readonly firstSeq: number; readonly atMs: number };
