import type { Command, Fee } from "../domain/command.ts";
import type { Event, Refusal } from "../domain/event.ts";

/** A command that somebody wants applied. */
export type Submission = {
  readonly command: Command;
  /**
   * Whose command it is, as the 32 hex digits of a UUID; zeros are the desk. The writer puts the
   * number of the account into the command, and makes it known first if it is new.
   */
  readonly owner?: string;
  /** What the new orders of the command pay; the writer puts the number of the tier into them. */
  readonly fees?: { readonly maker: Fee; readonly taker: Fee };
  readonly texts?: OrderTexts;
};

/** What the rows of orders show and the engine has no use for. It is journaled with the command. */
export type OrderTexts = {
  /** What the client calls its order; of a pair the limit leg. */
  readonly clientOrderId?: string;
  /** What it calls the stop leg of a pair. */
  readonly stopClientOrderId?: string;
  /** The hash of what the client has asked for, as hex digits. */
  readonly requestHash?: string;
  /** The trigger that places the order, as the 32 hex digits of its UUID. */
  readonly triggerId?: string;
  /** The request that the command is for, where it has to be known when it comes again. */
  readonly request?: Requested;
};

/** A request, as it is known when it comes again; both are 32 hex digits. */
export type Requested = {
  /** Derived from who asks, by which method, and the key. */
  readonly id: string;
  /** Of what is asked. */
  readonly hash: string;
};

/** How long the caller waits. */
export type Bounds = {
  /** Aborted when the caller is gone. */
  readonly signal?: AbortSignal | undefined;
  /** When the caller stops waiting, in milliseconds since 1970. */
  readonly deadlineMs?: number | undefined;
};

/** What became of a command: it is journaled and applied, so that nothing can take it back. */
export type Outcome = {
  /**
   * Why it was refused; ORDER_ID_RELEASED means that it was not even journaled, since the hold of
   * its order was given back (FUND-8).
   */
  readonly refusal?: Refusal | "ORDER_ID_RELEASED";
  readonly events: readonly Event[];
  /** The time of its batch, in milliseconds since 1970. */
  readonly atMs: number;
  /** Its number in the journal; 0 when it is not there. */
  readonly seq: number;
  readonly batch: number;
};
