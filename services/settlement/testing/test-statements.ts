import { createContextValues } from "@connectrpc/connect";
import { sql } from "kysely";
import { create, fromBinary } from "@bufbuild/protobuf";
import { PayoutAlarmSchema } from "#gen/mizan/settlement/v1/events_pb.ts";
import { ImportStatementRequestSchema } from "#gen/mizan/settlement/v1/reconciliation_service_pb.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import { derivedId, newId } from "#mesh/ids.ts";
import { createTelemetry } from "#mesh/telemetry.ts";
import { testDatabase } from "#mesh/testing/postgres.ts";
import type { PayoutState } from "../domain/payout.ts";
import { importStatement } from "../operations/import-statement.ts";
import { listStatementDifferences } from "../operations/list-statement-differences.ts";
import type { BankProvider } from "../providers/bank.ts";
import type { Queries, Tables } from "../store/tables.ts";

/** A payout that a test wants to be there. */
export type WantedPayout = {
  readonly id: string;
  readonly amountMinor: bigint;
  readonly state?: PayoutState;
  readonly provider?: string;
};

/** The day of all payouts and statements of these tests, unless one says another. */
const DAY = "2026-01-31";

/** A database of settlement, and what statements need besides: the banks `bank` and `other`. */
export async function testStatements() {
  const migrations = [new URL("../store/migrations/", import.meta.url)];
  const db = await testDatabase<Tables>({ migrations });
  const metrics = createTelemetry("settlement-test");
  const banks = new Map([bankNamed("bank", true), bankNamed("other", true)]);
  const settlement = { db, metrics, banks };
  return {
    ...settlement,
    /** Imports lines such as "L1,out,<reference>,100.00" of a day. */
    imported: async (
      lines: readonly string[],
      { provider = "bank", day = DAY, key = newId() } = {},
    ) => {
      const csv = [HEADER, ...lines.map((line) => `${line},IRR,${day}T12:00:00Z`)].join("\n");
      const names = { requestId: "", provider, statementDate: day };
      const request = create(ImportStatementRequestSchema, { ...names, csv });
      const { statement } = await importStatement(settlement, request, callWith(key));
      return statement!;
    },
    /** What differs, in words: kind, line or payout, and a star for what is explained. */
    differences: async (names: ReadonlyMap<string, string> = new Map()) => {
      const page = { pageSize: 1000, pageToken: "" };
      const found = await listStatementDifferences(settlement, { showSettled: true }, page);
      return found.differences
        .map(({ kind, lineId, payoutId, isSettled }) => {
          const name = lineId ?? names.get(payoutId!) ?? payoutId;
          return `${kind} ${name}${isSettled ? "*" : ""}`;
        })
        .toSorted();
    },
    /** The transfers that the ledger is to be told, by their paths. */
    bookings: async () => {
      const { rows } = await sql<{ path: string; amount: bigint }>`
        select path, amount_minor as amount from booking order by path`.execute(db.sql);
      return rows.map(({ path, amount }) => `${path} ${amount}`);
    },
    /** What administrators are told, the first one first. */
    alarms: async () => {
      const { rows } = await sql<{ payload: Buffer }>`
        select payload from outbox order by id`.execute(db.sql);
      return rows.map(({ payload }) => fromBinary(PayoutAlarmSchema, payload).detail);
    },
    /** The series of a metric, without the name of the service. */
    metric: async (name: string) => {
      const { text } = await metrics.page();
      const lines = text.split("\n").filter((line) => line.startsWith(`${name}{`));
      return lines.map((line) => line.slice(name.length).replace(/,?service="[^"]*"/, ""));
    },
    [Symbol.asyncDispose]: async () => {
      metrics[Symbol.dispose]();
      await db[Symbol.asyncDispose]();
    },
  };
}

/** Our reference for a payout at a provider. */
export function referenceOf(payoutId: string, provider = "bank"): string {
  return derivedId(`payout/${payoutId}/${provider}`);
}

/** Inserts payouts at noon of the day, each with its attempt at its provider, and ends them. */
export async function insertPayouts(db: Queries, wanted: readonly WantedPayout[]): Promise<void> {
  const ids = wanted.map(({ id }) => id);
  const providers = wanted.map(({ provider = "bank" }) => provider);
  const references = ids.map((id, place) => referenceOf(id, providers[place]));
  const amounts = wanted.map(({ amountMinor }) => String(amountMinor));
  await sql`
    with one as (
      select * from unnest(${ids}::uuid[], ${providers}::text[], ${references}::text[],
        ${amounts}::numeric[]) as one (id, provider, our_ref, amount_minor)
    ), attempt as (
      insert into payout_attempt (payout_id, no, provider, our_ref, state, call_until)
      select id, 1, provider, our_ref, 'CREATED', now() from one
    )
    insert into payout (id, merchant_id, due_at, state, stage, amount_minor, asset, account_id,
      bank_account, hash, provider)
    select id, id, now(), 'SENDING', 'SUBMITTING', amount_minor, 'IRR', 'a', '', sha256(''), provider
    from one`.execute(db);
  await endPayouts(
    db,
    wanted.map(({ id, state = "SUCCEEDED" }) => ({ id, state })),
  );
}

/** Moves payouts to states; one that comes back is paid before. */
export async function endPayouts(
  db: Queries,
  wanted: readonly { readonly id: string; readonly state: PayoutState }[],
): Promise<void> {
  const ids = wanted.map(({ id }) => id);
  const states = wanted.map(({ state }) => state);
  await movePayouts(db, ids, states.map(paidBefore));
  const returned = ids.filter((_, place) => states[place] === "RETURNED");
  await movePayouts(
    db,
    returned,
    returned.map(() => "RETURNED"),
  );
}

/** Moves payouts to states, whatever they were in. */
export async function movePayouts(
  db: Queries,
  ids: readonly string[],
  states: readonly PayoutState[],
): Promise<void> {
  await sql`
    update payout set state = one.state, version = version + 1,
      stage = case when one.state = 'SENDING' then 'IN_TRANSIT'::payout_stage end,
      due_at = case when one.state in ('SENDING', 'UNKNOWN') then now() end,
      paid_at = case when one.state in ('SUCCEEDED', 'RETURNED') then ${noon}::timestamptz end
    from unnest(${[...ids]}::uuid[], ${[...states]}::payout_state[]) as one (id, state)
    where payout.id = one.id`.execute(db);
}

/** A call from an administrator under a key. */
export function callWith(key: string = newId()) {
  const method = "mizan.settlement.v1.ReconciliationService/ImportStatement";
  const call = { principal: "admin", method, key, hash: new Uint8Array(32), replayed: false };
  return { values: createContextValues().set(callKey, call) };
}

/** A bank that is known, and never called here. */
export function bankNamed(name: string, hasStatements: boolean): [string, BankProvider] {
  const limits = { maxTransfers: 100, maxLookups: 100, timeoutMs: 1000, windowMs: 0 };
  const calls = { submit: unused, lookup: unused, balance: unused, parseCallback: unused };
  return [name, { name, caps: { ...limits, hasStatements }, ...calls }];
}

const HEADER = "line_id,direction,reference,amount,asset,booked_at";
const noon = `${DAY}T12:00:00Z`;

const unused = () => {
  throw new Error("nobody pays here");
};

/** A payout that comes back was paid before. */
function paidBefore(state: PayoutState): PayoutState {
  return state === "RETURNED" ? "SUCCEEDED" : state;
}
