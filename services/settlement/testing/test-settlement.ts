import { hash } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import { createContextValues } from "@connectrpc/connect";
import { sql } from "kysely";
import { PayoutAlarmSchema, PayoutsChangedSchema } from "#gen/mizan/settlement/v1/events_pb.ts";
import { callerKey } from "#mesh/access.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import { newId } from "#mesh/ids.ts";
import { createTelemetry } from "#mesh/telemetry.ts";
import { testLog } from "#mesh/testing/log.ts";
import { testDatabase } from "#mesh/testing/postgres.ts";
import type { Call, Settlement, Terms } from "../context.ts";
import { currency } from "../domain/currency.ts";
import { createEngine } from "../engine/engine.ts";
import { advancePayouts } from "../operations/advance-payouts.ts";
import { askProvider } from "../operations/ask-provider.ts";
import { type Asked, createPayouts } from "../operations/create-payouts.ts";
import { getPayout } from "../operations/get-payout.ts";
import { toPayout } from "../operations/messages.ts";
import type { Queries, Tables } from "../store/tables.ts";
import { type TestBank, testBank } from "./test-bank.ts";

type Options = {
  readonly banks?: readonly TestBank[];
  readonly terms?: Partial<Omit<Terms, "limits">>;
  readonly limits?: Partial<Terms["limits"]>;
};

/** Settlement on a real database, with scripted banks. */
export async function testSettlement({ banks = [testBank()], terms, limits }: Options = {}) {
  await using stack = new AsyncDisposableStack();
  const migrations = [new URL("../store/migrations/", import.meta.url)];
  const db = stack.use(await testDatabase<Tables>({ migrations }));
  const log = testLog();
  const telemetry = stack.use(createTelemetry("settlement-test"));
  const settlement: Settlement = {
    db,
    log,
    metrics: telemetry,
    banks: new Map(banks.map(({ provider }) => [provider.name, provider])),
    terms: {
      coolDownMs: 24 * 3600 * 1000,
      unknownMs: 24 * 3600 * 1000,
      answerMs: 5000,
      ...terms,
      limits: { ...noLimits, ...limits },
    },
    currency,
  };
  let engine = createEngine(settlement);
  const events = async (type: "PayoutsChanged" | "PayoutAlarm") => {
    const { rows } = await sql<{ payload: Uint8Array }>`
      select payload from outbox where subject like ${`%.${type}.%`} order by id`.execute(db.sql);
    return rows.map(({ payload }) => payload);
  };
  const open = stack.move();
  return {
    settlement,
    log,
    bank: banks[0]!,
    /** Asks for payouts as core does, and waits for them. */
    create: async (...asked: readonly Asked[]) =>
      createPayouts(settlement, engine, asked, callOf()),
    /** Goes on as another process with the same database; what the first one has begun stays begun. */
    restart: () => {
      engine = createEngine(settlement);
    },
    /** Looks at all payouts that are open, whenever they are due, as the jobs do. */
    sweep: async () => {
      await engine.settled();
      await sql`update payout set due_at = now() where due_at < 'infinity'`.execute(db.sql);
      const { signal } = new AbortController();
      for (const { provider } of banks) await askProvider(settlement, provider, signal);
      await advancePayouts(settlement, engine);
      await engine.settled();
    },
    /** Lets so much time pass, as far as rows know of it. */
    letTimePass: async (ms: number) => letTimePass(db.sql, ms),
    /** The metrics as they are read. */
    scrape: async () => (await telemetry.page()).text,
    /** A payout as it is now. */
    find: async (payoutId: string) => toPayout(await getPayout(settlement, payoutId)),
    /** The changes and the alarms that were told, in their order. */
    changes: async () =>
      (await events("PayoutsChanged")).flatMap(
        (payload) => fromBinary(PayoutsChangedSchema, payload).payouts,
      ),
    alarms: async () =>
      (await events("PayoutAlarm")).map((payload) => fromBinary(PayoutAlarmSchema, payload)),
    [Symbol.asyncDispose]: async () => open.disposeAsync(),
  };
}

async function letTimePass(db: Queries, ms: number): Promise<void> {
  const ago = sql`${ms} * interval '1 ms'`;
  await sql`update payout_attempt set call_until = call_until - ${ago}`.execute(db);
  await sql`update beneficiary set usable_from = usable_from - ${ago}`.execute(db);
  await sql`
    update payout_event set at = at - ${ago}
    where payout_id in (select id from payout where due_at is not null)`.execute(db);
  await sql`
    update payout set created_at = created_at - ${ago}, due_at = due_at - ${ago}`.execute(db);
}

const noLimits: Terms["limits"] = {
  minMinor: undefined,
  maxMinor: undefined,
  dayMinor: undefined,
  monthMinor: undefined,
  approvalMinor: undefined,
};

/** A payout that a test asks for. */
export function askedFor(own: Partial<Asked> & { readonly irr?: string } = {}): Asked {
  const { irr = "1.00", ...rest } = own;
  return {
    payoutId: newId(),
    merchantId: newId(),
    accountId: newId().replaceAll("-", ""),
    bankAccount: "",
    amount: { $typeName: "mizan.type.v1.Money", asset: "IRR", amount: irr },
    ...rest,
  };
}

/** A call of core, or of an administrator under a key. */
export function callOf(personId?: string, key = newId(), body = ""): Call {
  const values = createContextValues();
  if (personId === undefined) values.set(callerKey, { kind: "service", name: "core" });
  else {
    const person = { id: personId, roles: ["ADMIN" as const], verificationLevel: 0 };
    const method = "mizan.settlement.v1.PayoutService/Decide";
    const digest = hash("sha256", body, "buffer");
    values.set(callerKey, { kind: "person", person });
    values.set(callKey, { principal: personId, method, key, hash: digest, replayed: false });
  }
  return { values, signal: new AbortController().signal };
}
