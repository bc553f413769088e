import type { Transaction } from "kysely";

/** The SQL of billing is written out, so that there is nothing for Kysely to know about it. */
export type Tables = { readonly [name: string]: never };

/** A transaction of the pool. */
export type Tx = Transaction<Tables>;
