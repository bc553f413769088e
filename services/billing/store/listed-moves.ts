import { sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import { hexOf } from "#mesh/ids.ts";
import { MAX_SCANNED_ENTRIES } from "#mesh/limits.ts";
import type { Id } from "../domain/account.ts";
import type { Within } from "./near-first.ts";
import type { Tables } from "./tables.ts";

/** Transfers of one code out of accounts of some kinds. */
export type MoveFilter = { readonly code: number; readonly debitCodes: readonly number[] };

/** A transfer with the owner of the account that it has debited. */
export type Move = {
  readonly id: Id;
  readonly atUs: number;
  readonly userData: Id;
  /** A UUID; that of zeros for the house. */
  readonly ownerId: string;
  readonly ledger: number;
  readonly amountMinor: bigint;
  readonly reference: string;
};

/** What one look found, and from where it goes on when it has neither seen all nor found enough. */
export type FoundMoves = { readonly moves: readonly Move[]; readonly nextUs: number | undefined };

/** Finds the committed moves of a stretch of time, the oldest first, among a bounded number. */
export async function findMoves(
  { sql: db }: Database<Tables>,
  { code, debitCodes }: MoveFilter,
  { fromUs, beforeUs, limit }: Within,
): Promise<FoundMoves> {
  const seen = sql`(select * from transfer where at_us >= ${fromUs} and at_us < ${beforeUs}
    order by at_us limit ${MAX_SCANNED_ENTRIES})`;
  const { rows } = await sql<MoveRow>`
    select seen.id, seen.at_us, seen.user_data, seen.ledger, seen.amount,
      debit.user_data as owner_id,
      (select reference from transfer_reference r where r.at_us = seen.at_us) as reference
      from ${seen} seen join account debit on debit.slot = seen.debit_slot
      where seen.code = ${code} and debit.code = any (${[...debitCodes]}::integer[])
      order by seen.at_us limit ${limit}`.execute(db);
  const moves = rows.map(toMove);
  if (moves.length === limit) return { moves, nextUs: undefined };
  const { rows: last } = await sql<{ at_us: number }>`select at_us from ${seen} seen
    order by at_us offset ${MAX_SCANNED_ENTRIES - 1}`.execute(db);
  return { moves, nextUs: last[0] && last[0].at_us + 1 };
}

type MoveRow = {
  id: string;
  at_us: number;
  user_data: string;
  owner_id: string;
  ledger: number;
  amount: bigint;
  reference: string | null;
};

function toMove({ id, at_us: atUs, user_data, owner_id: ownerId, ledger, ...row }: MoveRow): Move {
  const { amount: amountMinor, reference } = row;
  const userData = hexOf(user_data);
  return {
    id: hexOf(id),
    atUs,
    userData,
    ownerId,
    ledger,
    amountMinor,
    reference: reference ?? "",
  };
}
