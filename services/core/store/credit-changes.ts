import { type Selectable, sql } from "kysely";
import type { CreditChange, Refusal } from "../domain/credit-change.ts";
import type { Queries, Tables } from "./tables.ts";

/** Inserts a change, unless it is there. */
export async function insertChange(tx: Queries, change: CreditChange): Promise<void> {
  const row = {
    id: change.id,
    merchant_id: change.merchantId,
    kind: change.kind,
    limit_minor: change.limitMinor,
    remark: change.remark,
    bank: change.bank,
    request_key: change.requestKey,
    requested_by: change.requestedBy,
    approved_by: change.approvedBy ?? null,
    state: change.state,
    refusal: null,
  };
  await tx
    .insertInto("credit_change")
    .values(row)
    .onConflict((conflict) => conflict.column("id").doNothing())
    .execute();
}

/** The change with an id. */
export async function findChange(db: Queries, id: string): Promise<CreditChange | undefined> {
  const query = db.selectFrom("credit_change").selectAll().where("id", "=", id);
  return (await query.execute()).map(fromRow)[0];
}

/** The change of a merchant that the ledger may not know yet; there is one at most. */
export async function findOpenChange(
  db: Queries,
  merchantId: string,
): Promise<CreditChange | undefined> {
  const query = db.selectFrom("credit_change").selectAll();
  const open = query.where("merchant_id", "=", merchantId).where("state", "=", "AGREED");
  return (await open.execute()).map(fromRow)[0];
}

/** The changes that wait for the ledger for some time, longest first. */
export async function listOpenChanges(
  db: Queries,
  { patienceS, limit }: { readonly patienceS: number; readonly limit: number },
): Promise<CreditChange[]> {
  const rows = await db
    .selectFrom("credit_change")
    .selectAll()
    .where("state", "=", "AGREED")
    .where("updated_at", "<=", sql<Date>`now() - make_interval(secs => ${patienceS})`)
    .orderBy("updated_at")
    .limit(limit)
    .execute();
  return rows.map(fromRow);
}

/** What a second administrator repeats: the same change under the same key. */
export type Repetition = Pick<
  CreditChange,
  "merchantId" | "kind" | "limitMinor" | "remark" | "bank" | "requestKey"
> & {
  /** Who repeats it. */
  readonly by: string;
};

/**
 * The change that somebody else has asked for in the days for which keys are kept, and that nobody
 * has confirmed, or the one who asks now. A payment is one payment, whoever else has confirmed it.
 */
export async function findAsked(
  db: Queries,
  { merchantId, kind, limitMinor, remark, bank, requestKey, by }: Repetition,
  keptDays: number,
): Promise<CreditChange | undefined> {
  const found = await sql<Row>`
    select * from credit_change
    where request_key = ${requestKey} and merchant_id = ${merchantId} and kind = ${kind}
      and limit_minor = ${limitMinor}::numeric and requested_by <> ${by}
      and (approved_by = ${by} or state = 'ASKED' or kind = 'REPAY' and approved_by is not null)
      and (kind <> 'REPAY' or remark = ${remark} and bank = ${bank})
      and created_at > now() - make_interval(days => ${keptDays})
    order by (approved_by is not null) desc, created_at
    limit 1`.execute(db);
  return found.rows.map(fromRow)[0];
}

/** Notes who has confirmed a change; the ledger is to hear of it. */
export async function agreeToChange(tx: Queries, id: string, approvedBy: string): Promise<void> {
  await tx
    .updateTable("credit_change")
    .set({ state: "AGREED", approved_by: approvedBy, updated_at: sql<Date>`now()` })
    .where("id", "=", id)
    .where("state", "=", "ASKED")
    .execute();
}

/** Ends a change that the ledger has made, or refused; false when it had ended already. */
export async function endChange(tx: Queries, id: string, refusal?: Refusal): Promise<boolean> {
  const state = refusal === undefined ? "DONE" : "REFUSED";
  const { numAffectedRows } = await sql`
    update credit_change
    set state = ${state}, refusal = ${refusal ? JSON.stringify(refusal) : null}::jsonb,
      updated_at = now()
    where id = ${id} and state = 'AGREED'`.execute(tx);
  return numAffectedRows === 1n;
}

type Row = Selectable<Tables["credit_change"]>;

function fromRow(row: Row): CreditChange {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    kind: row.kind,
    limitMinor: row.limit_minor,
    remark: row.remark,
    bank: row.bank,
    requestKey: row.request_key,
    requestedBy: row.requested_by,
    approvedBy: row.approved_by ?? undefined,
    state: row.state,
    refusal: row.refusal ?? undefined,
  };
}
