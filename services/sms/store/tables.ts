import type { Transaction } from "kysely";

/** The SQL of sms is written out, so that there is nothing for Kysely to know about it. */
export type Tables = { readonly [name: string]: never };

/** A transaction of sms. */
export type Tx = Transaction<Tables>;
