import type { Kysely, Transaction } from "kysely";

/** The SQL of settlement is written out, so that there is nothing for Kysely to know about it. */
export type Tables = { readonly [name: string]: never };

/** A transaction of settlement. */
export type Tx = Transaction<Tables>;

/** The database of settlement, or a transaction of it. */
export type Queries = Kysely<Tables>;
