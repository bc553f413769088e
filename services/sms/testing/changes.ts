import { sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import { transaction } from "#mesh/database/transaction.ts";
import { newId } from "#mesh/ids.ts";
import { messagesChanged } from "../events.ts";
import type { Tables } from "../store/tables.ts";

/** Has messages change, as far as the log of changes sees it. */
export function changesOf(db: Database<Tables>) {
  return {
    /** Commits that messages of accounts changed, in one transaction, each with its revision. */
    happen: async (...changes: readonly (readonly [accountId: string, revision: number])[]) => {
      const all = changes.map(([accountId, revision]) => ({
        messageId: newId(),
        accountId,
        state: "SENT" as const,
        failure: undefined,
        charge: "CAPTURED" as const,
        price: 100_000n,
        revision,
        atMs: 0,
        clientReference: "",
      }));
      await transaction(db, async (tx) => messagesChanged(tx, all, { asset: "IRR", scale: 2 }));
    },
    /** Gives numbers to what happened, as the relay does. */
    number: async () => {
      await sql`select from claim_outbox('MIZAN_SMS', 10000)`.execute(db.sql);
    },
  };
}
