import { hash } from "node:crypto";
import { createContextValues } from "@connectrpc/connect";
import { sql } from "kysely";
import { callerKey } from "#mesh/access.ts";
import { deadlineKey } from "#mesh/deadline.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import { newId } from "#mesh/ids.ts";
import { createTelemetry } from "#mesh/telemetry.ts";
import { testLog } from "#mesh/testing/log.ts";
import { testDatabase } from "#mesh/testing/postgres.ts";
import type { Call, WithdrawalTerms } from "../context.ts";
import { createWithdrawal } from "../operations/create-withdrawal.ts";
import { sweepWithdrawals } from "../operations/sweep-withdrawals.ts";
import { createAccept } from "../saga/accept.ts";
import type { Saga } from "../saga/advance.ts";
import { insist } from "../saga/insist.ts";
import { createRunner } from "../saga/runner.ts";
import { createWatched } from "../saga/watched.ts";
import { findChanged } from "../store/withdrawals.ts";
import type { Tables } from "../store/tables.ts";
import { fakeHolds } from "./fake-holds.ts";
import { fakePayouts } from "./fake-payouts.ts";
import { createTrouble } from "./trouble.ts";

type Options = { readonly terms?: Partial<WithdrawalTerms>; readonly max?: number };

/** Withdrawals on a real database, with the rules of billing and settlement in memory. */
export async function testWithdrawals({ terms = {}, max = 16 }: Options = {}) {
  await using stack = new AsyncDisposableStack();
  const migrations = [new URL("../store/migrations/", import.meta.url)];
  const db = stack.use(await testDatabase<Tables>({ migrations, max }));
  const log = testLog();
  const metrics = stack.use(createTelemetry("core-test"));
  const ledgerTrouble = createTrouble<
    "createHolds" | "captureHolds" | "releaseHolds" | "refundHolds"
  >();
  const settlementTrouble = createTrouble<"createPayouts" | "getPayout">();
  const ledger = fakeHolds(ledgerTrouble);
  const settlement = fakePayouts(settlementTrouble);
  const usual: WithdrawalTerms = { waitMs: 5000, fee: 0n, withoutStatements: [] };
  /** One more process on the same database. */
  const another = (other: Partial<WithdrawalTerms> = {}) => {
    const saga: Saga = {
      db,
      log,
      metrics,
      holds: ledger.client,
      payouts: settlement.client,
      terms: { ...usual, ...terms, ...other },
      watched: createWatched({ db, log }),
    };
    const runner = createRunner(saga);
    const accept = createAccept(saga, runner);
    return {
      saga,
      runner,
      accept,
      withdraw: async (amount: string, call: Call) =>
        createWithdrawal(accept, { asset: "IRR", amount }, call),
      sweep: async () => patiently(async () => sweepWithdrawals(saga, runner)),
    };
  };
  /** A merchant with a credit in minor units. */
  const merchant = async (credit: bigint, state = "ACTIVE") => {
    const id = newId();
    await sql`insert into person (id, state, roles) values (${id}, 'ACTIVE', '{USER,MERCHANT}')`.execute(
      db.sql,
    );
    await sql`insert into merchant (id, state, credit_limit_minor, bank_account)
      values (${id}, ${state}, 100, 'IR12 3456')`.execute(db.sql);
    ledger.credits.set(id, credit);
    ledger.books.pool += credit;
    return id;
  };
  /** Makes everything due that waits for its time. */
  const letTimePass = async () =>
    patiently(async () =>
      sql`update withdrawal set due_at = now() where due_at is not null`.execute(db.sql),
    );
  const find = async (id: string) => {
    const [found] = await patiently(async () => findChanged(db.sql, [{ id, version: 0 }]));
    return found!.row;
  };
  const open = stack.move();
  return {
    ...another(),
    db,
    log,
    ledger: { ...ledger, trouble: ledgerTrouble },
    settlement: { ...settlement, trouble: settlementTrouble },
    another,
    merchant,
    letTimePass,
    find,
    [Symbol.asyncDispose]: async () => open.disposeAsync(),
  };
}

/** Tries again while the machine is too busy to give a connection in time. */
async function patiently<R>(work: () => Promise<R>): Promise<R> {
  return insist(work, Date.now() + 20_000);
}

export type TestWithdrawals = Awaited<ReturnType<typeof testWithdrawals>>;

/** How a merchant of a test calls. */
type CallOptions = {
  readonly key?: string;
  /** What the request says, in a word: other bodies are other requests. */
  readonly body?: string;
  readonly signal?: AbortSignal;
  readonly withinMs?: number;
};

/** A call of a merchant under a key. */
export function callOf(merchantId: string, options: CallOptions = {}): Call {
  const { key = newId(), body = "", withinMs = 10_000 } = options;
  const values = createContextValues();
  const person = { id: merchantId, roles: ["MERCHANT" as const], verificationLevel: 0 };
  const method = "mizan.core.v1.WithdrawalService/CreateWithdrawal";
  const fingerprint = hash("sha256", body, "buffer");
  values.set(callerKey, { kind: "person", person });
  values.set(callKey, { principal: merchantId, method, key, hash: fingerprint, replayed: false });
  values.set(deadlineKey, Date.now() + withinMs);
  return { values, signal: options.signal ?? new AbortController().signal };
}

/** Whether the answer of a call was that of an earlier one. */
export function wasReplayed(call: Call): boolean {
  return call.values.get(callKey)!.replayed;
}
