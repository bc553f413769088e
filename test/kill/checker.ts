import type { Operation } from "./history.ts";
import type { Snapshot } from "./snapshot.ts";

/** Compares what the clients saw with what the databases hold; returns a sentence a violation. */
export type Checker = (operations: Operations, snapshot: Snapshot) => string[];

/** What is known of every key that was ever sent. */
export type Operations = ReadonlyMap<string, Operation>;
