import { sql } from "kysely";
import { afterMove, type Move } from "../domain/move.ts";
import type { Payout } from "../domain/payout.ts";
import { dueOf } from "./insert-payouts.ts";
import type { Tx } from "./tables.ts";

/** The moves that were written: those of payouts that had changed meanwhile were not. */
export type Written = { readonly ids: ReadonlySet<string>; readonly atMs: number };

/**
 * Writes moves in one statement: each payout whose version is still that of before the move, its
 * attempts and its events (a compare-and-set). No payout comes twice.
 */
export async function writeMoves(tx: Tx, moves: readonly Move[]): Promise<Written> {
  if (moves.length === 0) return { ids: new Set(), atMs: 0 };
  const told = JSON.stringify(moves.map(toTold));
  const tried = JSON.stringify(moves.flatMap(toTried));
  const noted = JSON.stringify(moves.flatMap(toNoted));
  const { rows } = await sql<{ id: string; at_ms: number }>`
    with moved as (
      update payout p set state = t.state, stage = t.stage, version = t.version,
        reason = t.reason, provider = t.provider, bank_reference = t.bank_reference,
        is_contradicted = t.is_contradicted, tries = t.tries, updated_at = now(),
        due_at = case when t.keeps_due then p.due_at
          else coalesce(t.due::timestamptz, now() + t.wait_ms * interval '1 ms') end,
        paid_at = case when t.is_paid then coalesce(paid_at, now()) else paid_at end
      from json_to_recordset(${told}) as t (id uuid, was int, version int, state payout_state,
        stage payout_stage, reason text, provider text, bank_reference text,
        is_contradicted boolean, tries smallint, is_paid boolean, keeps_due boolean, due text,
        wait_ms float8)
      where p.id = t.id and p.version = t.was returning p.id
    ), tried as (
      insert into payout_attempt as a (payout_id, no, provider, our_ref, state, call_until,
        provider_ref, code, text, raw, counted_on)
      select c.payout_id, c.no, c.provider, c.our_ref, c.state,
        coalesce(now() + c.call_ms * interval '1 ms', '-infinity'), c.provider_ref, c.code, c.text,
        coalesce(c.raw, ''),
        case when c.is_counted then (now() at time zone 'UTC')::date end
      from json_to_recordset(${tried}) as c (payout_id uuid, no smallint, provider text,
        our_ref text, state attempt_state, call_ms float8, provider_ref text, code text,
        text text, raw text, is_counted boolean)
      join moved on moved.id = c.payout_id
      on conflict (payout_id, no) do update set state = excluded.state,
        call_until = case when excluded.call_until = '-infinity' then a.call_until
          else excluded.call_until end,
        counted_on = case when excluded.state = 'CREATED' then excluded.counted_on
          else a.counted_on end,
        provider_ref = excluded.provider_ref, code = excluded.code, text = excluded.text,
        raw = case when excluded.raw = '' then a.raw else excluded.raw end, updated_at = now()
    ), noted as (
      insert into payout_event (payout_id, version, state, stage, reason)
      select n.payout_id, n.version, n.state, n.stage, n.reason
      from json_to_recordset(${noted}) as n (payout_id uuid, version int, state payout_state,
        stage payout_stage, reason text)
      join moved on moved.id = n.payout_id
    )
    select id, floor(extract(epoch from now()) * 1000)::float8 as at_ms from moved`.execute(tx);
  return { ids: new Set(rows.map(({ id }) => id)), atMs: rows[0]?.at_ms ?? 0 };
}

function toTold(move: Move) {
  const after = afterMove(move);
  return {
    id: after.id,
    was: move.before.version,
    version: after.version,
    state: after.state,
    stage: after.stage,
    reason: after.reason,
    provider: after.provider,
    bank_reference: after.bankReference,
    is_contradicted: after.isContradicted,
    tries: Math.min(after.tries, MAX_TRIES),
    is_paid: move.steps.some(({ state }) => state === "SUCCEEDED"),
    keeps_due: move.dueInMs === undefined,
    ...(move.dueInMs !== undefined && dueOf(after, move.dueInMs)),
  };
}

function toTried({ before, attempts }: Move) {
  return attempts.map(({ no, provider, ourRef, state, ...rest }) => ({
    payout_id: before.id,
    no,
    provider,
    our_ref: ourRef,
    state,
    call_ms: rest.callEndsInMs,
    provider_ref: rest.providerRef,
    code: rest.code,
    text: rest.text,
    raw: rest.raw,
    is_counted: rest.isCounted,
  }));
}

function toNoted({ steps }: Move) {
  return steps.map(({ id, version, state, stage, reason }: Payout) => {
    return { payout_id: id, version, state, stage, reason };
  });
}

/** What the column can count. */
const MAX_TRIES = 30_000;
