import { sql } from "kysely";
import type { Connection } from "#mesh/database/connection.ts";
import type { Database } from "#mesh/database/connect.ts";
import { hexOf } from "#mesh/ids.ts";
import type { Id } from "../domain/account.ts";
import type { Approval, ApprovalState, Decision } from "../domain/approval.ts";
import type { Movement } from "../domain/movement.ts";
import type { Tables } from "./tables.ts";

/** Reads the approvals that nobody has decided about yet. */
export async function loadPendingApprovals(connection: Connection): Promise<Approval[]> {
  const rows = await connection.query<ApprovalRow>(
    "select * from approval where state = 'pending' order by requested_at_us, id",
  );
  return rows.map(fromApprovalRow);
}

/** Finds an approval, a UUID, that is committed. */
export async function findApproval(
  { sql: db }: Database<Tables>,
  id: string,
): Promise<Approval | undefined> {
  const found = await sql<ApprovalRow>`select * from approval where id = ${id}`.execute(db);
  return found.rows.map(fromApprovalRow)[0];
}

/** Finds what others than somebody have asked for by a method and nobody has decided about. */
export async function findPendingOfOthers(
  { sql: db }: Database<Tables>,
  { method, principal, limit }: Record<"method" | "principal", string> & { limit: number },
): Promise<Approval[]> {
  const found = await sql<ApprovalRow>`
    select * from approval
      where state = 'pending' and method = ${method} and requested_by <> ${principal}
      order by requested_at_us desc, id desc limit ${limit}`.execute(db);
  return found.rows.map(fromApprovalRow);
}

/** Where a list of approvals goes on. */
export type ApprovalPlace = Pick<Approval, "requestedAtUs" | "id">;

/** Lists the approvals of a state, or all, before a place, newest first. */
export async function listApprovals(
  { sql: db }: Database<Tables>,
  state: ApprovalState | undefined,
  { before, limit }: { readonly before: ApprovalPlace; readonly limit: number },
): Promise<Approval[]> {
  const found = await sql<ApprovalRow>`
    select * from approval
      where ${state === undefined ? sql`true` : sql`state = ${state}`}
        and (requested_at_us, id) < (${before.requestedAtUs}::bigint, ${before.id}::uuid)
      order by requested_at_us desc, id desc limit ${limit}`.execute(db);
  return found.rows.map(fromApprovalRow);
}

/** Money that was moved by hand: by whom, and who has agreed to it. */
export type MovementNote = {
  readonly transferId: Id;
  /** Microseconds since 1970. */
  readonly atUs: number;
  readonly movement: Movement;
  readonly approvedBy?: string | undefined;
};

/** What administrators have asked for, decided and moved. */
export type ByHand = {
  readonly approvals?: readonly Approval[];
  /** Approvals as they are decided now. */
  readonly decisions?: readonly Approval[];
  readonly movements?: readonly MovementNote[];
};

/** Writes it as rows, for a commit; undefined when there is none. */
export function toByHand({ approvals = [], decisions = [], movements = [] }: ByHand) {
  if (approvals.length + decisions.length + movements.length === 0) return undefined;
  return {
    approvals: approvals.map(toApprovalRow),
    decisions: decisions.map(toApprovalRow),
    movements: movements.map(toMovementRow),
  };
}

function toApprovalRow({ id, movement, requestedAtUs, state, decision }: Approval) {
  return {
    id,
    movement_id: movement.id,
    method: movement.method,
    requested_by: movement.requestedBy,
    ledger: movement.ledger,
    amount: String(movement.amount),
    beneficiary: movement.beneficiary,
    bank: movement.bank,
    reference: movement.reference,
    requested_at_us: requestedAtUs,
    state,
    decided_by: decision?.decidedBy ?? null,
    decided_at_us: decision?.decidedAtUs ?? null,
    transfer_id: decision?.transferId ?? null,
  } satisfies Record<keyof ApprovalRow, unknown>;
}

function toMovementRow({ transferId, atUs, movement, approvedBy }: MovementNote) {
  return {
    transfer_id: transferId,
    at_us: atUs,
    method: movement.method,
    requested_by: movement.requestedBy,
    approved_by: approvedBy ?? null,
    reference: movement.reference,
  };
}

type ApprovalRow = {
  id: string;
  movement_id: string;
  method: string;
  requested_by: string;
  ledger: number;
  amount: bigint;
  beneficiary: string;
  bank: string;
  reference: string;
  requested_at_us: number;
  state: ApprovalState;
  decided_by: string | null;
  decided_at_us: number | null;
  transfer_id: string | null;
};

function fromApprovalRow(row: ApprovalRow): Approval {
  const decision = toDecision(row);
  return {
    id: row.id,
    movement: {
      id: hexOf(row.movement_id),
      method: row.method,
      requestedBy: row.requested_by,
      ledger: row.ledger,
      amount: row.amount,
      beneficiary: row.beneficiary,
      bank: row.bank,
      reference: row.reference,
    },
    requestedAtUs: row.requested_at_us,
    state: row.state,
    ...(decision && { decision }),
  };
}

function toDecision(row: ApprovalRow): Decision | undefined {
  const { decided_by: decidedBy, decided_at_us: decidedAtUs, transfer_id: transferId } = row;
  if (decidedBy === null || decidedAtUs === null) return undefined;
  return { decidedBy, decidedAtUs, ...(transferId && { transferId: hexOf(transferId) }) };
}
