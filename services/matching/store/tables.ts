import type { Kysely, Transaction } from "kysely";

/** The SQL of matching is written out, so that there is nothing for Kysely to know about it. */
export type Tables = { readonly [name: string]: never };

/** A transaction of matching. */
export type Tx = Transaction<Tables>;

/** The database of matching, or a transaction of it. */
export type Queries = Kysely<Tables>;
