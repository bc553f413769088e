import { sql } from "kysely";
import type { Notification } from "../domain/notification.ts";
import { type PayoutState, statesBefore, type Withdrawal } from "../domain/withdrawal.ts";
import { type NotificationEvent, publishMade } from "./notifications.ts";
import type { Queries } from "./tables.ts";

/** A change of a withdrawal, and what comes with it. */
export type Move = {
  /** The withdrawal as it shall be, but for version and time. */
  readonly to: Withdrawal;
  /** After how long it is taken up again, in milliseconds; undefined for never. */
  readonly dueMs: number | undefined;
  /** What its merchant is told, if the change is made. */
  readonly told: Pick<Notification, "id" | "type" | "values"> | undefined;
  /** What its request is answered for ever, unless that is settled already. */
  readonly answer: Uint8Array | undefined;
};

/** A withdrawal as it is now, and what its request was answered before the end. */
export type Current = {
  readonly row: Withdrawal;
  readonly answer: Uint8Array | undefined;
};

/**
 * Writes changes and tells merchants of them, all in one statement; returns what was changed. The
 * event has a part for each move with something to tell.
 * Nothing is written over a state that somebody else was faster to reach. That a payout came back
 * stays known, and makes a withdrawal due at once.
 */
export async function moveWithdrawals(
  db: Queries,
  moves: readonly Move[],
  event: NotificationEvent,
): Promise<Current[]> {
  if (moves.length === 0) return [];
  const to = moves.map((move) => move.to);
  const told = moves.flatMap((move) => (move.told ? [{ ...move.told, of: move.to.id }] : []));
  const { rows } = await sql<Moved>`
    with moved as (
      update withdrawal set state = new.state, reason = new.reason, provider = new.provider,
        bank_reference = new.bank_reference, attempts = new.attempts,
        payout_state = case when new.payout_version < withdrawal.payout_version
          then withdrawal.payout_state else new.payout_state end,
        payout_version = greatest(new.payout_version, withdrawal.payout_version),
        version = withdrawal.version + 1, updated_at = now(), tries = 0,
        due_at = now() + interval '1 millisecond' * case
          when new.state = 'SUCCEEDED' and withdrawal.payout_state = 'RETURNED' then 0
          else new.due_ms end,
        answer = coalesce(withdrawal.answer, new.answer)
      from unnest(${to.map(({ id }) => id)}::uuid[], ${to.map(({ state }) => state)}::text[],
        ${to.map(({ state }) => statesBefore(state).join(" "))}::text[],
        ${to.map(({ reason }) => reason)}::text[], ${to.map(({ provider }) => provider)}::text[],
        ${to.map(({ bankReference }) => bankReference)}::text[],
        ${to.map(({ attempts }) => JSON.stringify(attempts))}::jsonb[],
        ${to.map(({ payoutState }) => payoutState ?? null)}::text[],
        ${to.map(({ payoutVersion }) => payoutVersion)}::integer[],
        ${moves.map(({ dueMs }) => dueMs ?? null)}::integer[],
        ${moves.map(({ answer }) => (answer ? Buffer.from(answer) : null))}::bytea[])
        as new (id, state, before, reason, provider, bank_reference, attempts, payout_state,
          payout_version, due_ms, answer)
      where withdrawal.id = new.id and withdrawal.state = any(string_to_array(new.before, ' '))
        and (withdrawal.state <> new.state or new.payout_version > withdrawal.payout_version)
      returning withdrawal.id, merchant_id, withdrawal.version, updated_at,
        withdrawal.payout_state, withdrawal.payout_version, withdrawal.answer
    ), made as (
      insert into notification (id, person_id, type, values, created_at)
      select news.id, moved.merchant_id, news.type, news.values, moved.updated_at
      from unnest(${told.map(({ of }) => of)}::uuid[], ${told.map(({ id }) => id)}::uuid[],
        ${told.map(({ type }) => type)}::text[],
        ${told.map(({ values }) => JSON.stringify(values))}::jsonb[])
        as news (withdrawal_id, id, type, values)
      join moved on moved.id = news.withdrawal_id
      on conflict do nothing
      returning id
    ), published as (${publishMade(
      told.map(({ id }) => id),
      event,
    )})
    select id, version, updated_at, payout_state, payout_version, answer from moved`.execute(db);
  const wanted = new Map(to.map((one) => [one.id, one]));
  return rows.map((row) => toCurrent(wanted.get(row.id)!, row));
}

type Moved = {
  readonly id: string;
  readonly version: number;
  readonly updated_at: Date;
  readonly payout_state: PayoutState | null;
  readonly payout_version: number;
  readonly answer: Uint8Array | null;
};

function toCurrent(to: Withdrawal, row: Moved): Current {
  const { version, payout_state: payoutState, payout_version: payoutVersion } = row;
  const payout = { payoutState: payoutState ?? undefined, payoutVersion };
  const now = { ...to, ...payout, version, tries: 0, updatedAtMs: row.updated_at.getTime() };
  return { row: now, answer: row.answer ?? undefined };
}

/** A withdrawal as it was read, of which nothing has come. */
type Wait = Pick<Withdrawal, "id" | "payoutVersion"> & {
  /** After how long it is taken up again, in milliseconds. */
  readonly dueMs: number;
};

/**
 * Says when withdrawals that are not done are taken up again. One of whose payout there are news
 * meanwhile stays due as those have made it.
 */
export async function postponeWithdrawals(db: Queries, waits: readonly Wait[]): Promise<void> {
  if (waits.length === 0) return;
  await sql`
    update withdrawal set due_at = now() + wait.ms * interval '1 millisecond'
    from unnest(${waits.map(({ id }) => id)}::uuid[],
      ${waits.map(({ payoutVersion }) => payoutVersion)}::integer[],
      ${waits.map(({ dueMs }) => dueMs)}::integer[]) as wait (id, payout_version, ms)
    where withdrawal.id = wait.id and withdrawal.payout_version = wait.payout_version
      and due_at is not null`.execute(db);
}

/**
 * Keeps what requests were answered before the end. Each holds for the version that was told;
 * returns the ids of those that were kept.
 */
export async function keepAnswers(
  db: Queries,
  answers: readonly {
    readonly id: string;
    readonly version: number;
    readonly answer: Uint8Array;
  }[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`
    update withdrawal set answer = told.answer
    from unnest(${answers.map(({ id }) => id)}::uuid[],
      ${answers.map(({ version }) => version)}::integer[],
      ${answers.map(({ answer }) => Buffer.from(answer))}::bytea[]) as told (id, version, answer)
    where withdrawal.id = told.id and withdrawal.version = told.version
      and withdrawal.answer is null
    returning withdrawal.id`.execute(db);
  return new Set(rows.map(({ id }) => id));
}
