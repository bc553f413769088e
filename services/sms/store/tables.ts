/** The SQL of sms is written out, so that there is nothing for Kysely to know about it. */
export type Tables = { readonly [name: string]: never };
