import { type SelectQueryBuilder, sql } from "kysely";
import type { Merchant, MerchantState } from "../domain/merchant.ts";
import type { Queries } from "./tables.ts";

/** Inserts a merchant that waits for an administrator; its user is there already. */
export async function insertMerchant(
  tx: Queries,
  { id, requestedCreditMinor, bankAccount }: NewMerchant,
): Promise<void> {
  const row = { id, requested_credit_minor: requestedCreditMinor, bank_account: bankAccount };
  await tx
    .insertInto("merchant")
    .values({ ...row, decided_by: null })
    .execute();
}

type NewMerchant = Pick<Merchant, "id" | "requestedCreditMinor" | "bankAccount">;

/** The merchant with an id, a UUID. */
export async function findMerchant(db: Queries, id: string): Promise<Merchant | undefined> {
  const row = await merchants(db).where("merchant.id", "=", id).executeTakeFirst();
  return row && fromRow(row);
}

/** The same; nobody else decides about the merchant until the transaction ends. */
export async function lockMerchant(tx: Queries, id: string): Promise<Merchant | undefined> {
  const locked = merchants(tx).where("merchant.id", "=", id).forNoKeyUpdate("merchant");
  const row = await locked.executeTakeFirst();
  return row && fromRow(row);
}

/** What may change of a merchant. */
export type MerchantChange = Partial<
  Pick<Merchant, "state" | "reason" | "bankAccount"> & { readonly creditLimitMinor: bigint }
> & {
  /** The administrator who has decided it; undefined when the merchant has. */
  readonly decidedBy?: string;
};

/** Changes a merchant and returns it as it is then; undefined when there is none. */
export async function updateMerchant(
  tx: Queries,
  id: string,
  { state, reason, bankAccount, creditLimitMinor, decidedBy }: MerchantChange,
): Promise<Merchant | undefined> {
  await tx
    .updateTable("merchant")
    .set({
      updated_at: sql<Date>`now()`,
      ...(state !== undefined && { state }),
      ...(reason !== undefined && { reason }),
      ...(bankAccount !== undefined && { bank_account: bankAccount }),
      ...(creditLimitMinor !== undefined && { credit_limit_minor: creditLimitMinor }),
      ...(decidedBy !== undefined && { decided_by: decidedBy }),
    })
    .where("id", "=", id)
    .execute();
  return findMerchant(tx, id);
}

/** Which merchants to list; undefined asks for all. */
export type MerchantFilter = {
  readonly state: MerchantState | undefined;
  /** Without regard to case. */
  readonly username: string | undefined;
};

/** The merchants that registered before another one, newest first. */
export async function listMerchants(
  db: Queries,
  { state, username }: MerchantFilter,
  { before, limit }: { readonly before: string | undefined; readonly limit: number },
): Promise<Merchant[]> {
  let query = merchants(db);
  if (state !== undefined) query = query.where("merchant.state", "=", state);
  if (username !== undefined) {
    query = query.where(sql`lower(profile.username)`, "=", username.toLowerCase());
  }
  if (before !== undefined) query = query.where("merchant.id", "<", before);
  const rows = await query.orderBy("merchant.id", "desc").limit(limit).execute();
  return rows.map(fromRow);
}

/** Merchants; the name of one whose personal data was erased is empty (S18). */
function merchants(db: Queries) {
  return db
    .selectFrom("merchant")
    .leftJoin("profile", "profile.person_id", "merchant.id")
    .select("profile.username")
    .selectAll("merchant");
}

type Row =
  ReturnType<typeof merchants> extends SelectQueryBuilder<never, never, infer R> ? R : never;

function fromRow(row: Row): Merchant {
  return {
    id: row.id,
    username: row.username ?? "",
    state: row.state,
    requestedCreditMinor: row.requested_credit_minor,
    creditLimitMinor: row.credit_limit_minor ?? undefined,
    bankAccount: row.bank_account,
    reason: row.reason,
    createdAtMs: row.created_at.getTime(),
    updatedAtMs: row.updated_at.getTime(),
  };
}
