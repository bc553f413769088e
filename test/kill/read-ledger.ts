import { openConnection } from "#mesh/database/connection.ts";
import { hexOf } from "#mesh/ids.ts";
import type { AccountRow, Effect, LedgerRow, Payment, Snapshot } from "./snapshot.ts";

/** Reads the books of billing as they are in its database; which rows pay for texts is given. */
export async function readLedger(
  url: string,
  payments: ReadonlyMap<string, Payment>,
): Promise<Pick<Snapshot, "rows" | "accounts"> & { readonly effects: Effect[] }> {
  await using connection = await openConnection({ url, name: "kill test" });
  await connection.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  const rows = await connection.query<StoredRow>(transfersSql);
  const accounts = await connection.query<AccountRow>(accountsSql);
  return {
    rows: rows.map((row) => {
      const payment = payments.get(hexOf(row.id));
      return { ...row, kind: kinds[row.kind - 1]!, ...(payment && { payment }) };
    }),
    accounts,
    effects: rows
      .filter(({ kind }) => kind !== EXPIRE)
      .map((row) => effectOf(row, payments.get(hexOf(row.id)))),
  };
}

type StoredRow = Omit<LedgerRow, "kind"> & {
  readonly id: string;
  readonly kind: number;
  readonly code: number;
  readonly reference: string | null;
  readonly owner: string;
  /** Of a hold that was released: the one that reserved it. */
  readonly undoneId: string | null;
};

/** Charges are known by their reference, the rest by the id that the client has made. */
function effectOf(row: StoredRow, payment: Payment | undefined): Effect {
  const { id, seq, code, kind, reference, debit, credit } = row;
  const name = code === CHARGE && reference !== null ? reference : `transfer ${hexOf(id)}`;
  const about = code === CHARGE ? "charged" : code === SMS ? notices.get(kind) : undefined;
  const cents = kind === VOID ? row.pendingAmount : row.amount;
  const told = about === undefined ? {} : { told: `${hexOf(row.owner)} ${about} ${cents}` };
  const cause = payment && { chunk: payment.chunk };
  const undone = row.undoneId === null ? {} : { undone: `transfer ${hexOf(row.undoneId)}` };
  return { name, seq, accounts: [debit, credit], ...told, ...cause, ...undone };
}

/** The owner is the one whose account is not the house's. */
const transfersSql = `
  SELECT t.seq, t.id, t.kind, t.code, t.amount, debit.id AS debit, credit.id AS credit,
    coalesce(pending.amount, 0) AS "pendingAmount", reference.reference,
    CASE WHEN t.kind = 4 THEN pending.id WHEN release.seq IS NOT NULL THEN t.id END AS "undoneId",
    CASE debit.code WHEN 100 THEN debit.user_data ELSE credit.user_data END AS owner
  FROM transfer t
  JOIN account debit ON debit.slot = t.debit_slot
  JOIN account credit ON credit.slot = t.credit_slot
  LEFT JOIN transfer pending ON pending.at_us = t.pending_at_us
  LEFT JOIN transfer release ON release.pending_at_us = t.at_us AND release.kind = 4
  LEFT JOIN transfer_reference reference ON reference.at_us = t.at_us
  ORDER BY t.seq`;

const accountsSql = `
  SELECT account.id, asset.code AS asset, account.flags & 2 <> 0 AS limited,
    debits_pending AS "debitsPending", debits_posted AS "debitsPosted",
    credits_pending AS "creditsPending", credits_posted AS "creditsPosted", version
  FROM account JOIN asset USING (ledger)`;

const kinds = ["single", "pending", "post", "void", "expire"] as const;
const [POST, VOID, EXPIRE] = [3, 4, 5];
const [CHARGE, SMS] = [1, 2];
const notices = new Map([
  [POST, "paid"],
  [VOID, "released"],
]);
