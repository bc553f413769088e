import { hash } from "node:crypto";
import { createContextValues } from "@connectrpc/connect";
import { callerKey } from "#mesh/access.ts";
import { deadlineKey } from "#mesh/deadline.ts";
import { callKey, type IdempotentCall } from "#mesh/idempotent-call.ts";
import { newId } from "#mesh/ids.ts";
import { createTelemetry } from "#mesh/telemetry.ts";
import { testLog } from "#mesh/testing/log.ts";
import { testDatabase } from "#mesh/testing/postgres.ts";
import type { Call, Sms, Terms } from "../context.ts";
import type { RateCard } from "../domain/rate-card.ts";
import { loadRates } from "../operations/load-rates.ts";
import type { SmsProvider } from "../providers/provider.ts";
import type { Tables } from "../store/tables.ts";
import { termsOf } from "../terms.ts";
import { testLedger } from "./test-ledger.ts";
import { testMagfa } from "./test-provider.ts";

type Options = {
  /** Some terms that differ from the usual ones. */
  readonly terms?: Partial<Terms>;
  /** Another provider than a simulated Magfa. */
  readonly provider?: SmsProvider;
  /** How many connections the pool has at most. */
  readonly max?: number;
};

/**
 * Sms on a real database, with a simulated Magfa and with the rules of billing's holds in memory.
 * A test can charge accounts, set the rate card, and make both of them fail.
 */
export async function testSms({ terms = {}, provider, max }: Options = {}) {
  await using stack = new AsyncDisposableStack();
  const migrations = [new URL("../store/migrations/", import.meta.url)];
  const db = stack.use(
    await testDatabase<Tables>({ migrations, ...(max !== undefined && { max }) }),
  );
  const magfa = stack.use(await testMagfa());
  const log = testLog();
  const currency = { asset: "IRR", scale: 2 };
  const ledger = testLedger(currency);
  const rates = await loadRates(db, currency);
  const card: { now: RateCard | undefined } = { now: undefined };
  const sms: Sms = {
    db,
    log,
    metrics: stack.use(createTelemetry("sms-test")),
    terms: { ...usual, ...terms },
    currency,
    rates: () => card.now ?? rates.current(),
    holds: ledger.client,
    provider: provider ?? magfa.provider,
  };
  const open = stack.move();
  return {
    sms,
    magfa,
    ledger,
    log,
    /** Sets the prices of a segment, in minor units. */
    setRates: (...all: RateCard["rates"]) => {
      card.now = { version: 1, asset: currency.asset, rates: all };
    },
    [Symbol.asyncDispose]: async () => open.disposeAsync(),
  };
}

export type TestSms = Awaited<ReturnType<typeof testSms>>;

/** The usual terms; promises and waits as in production. */
const usual = termsOf({
  magfaUrl: "http://127.0.0.1",
  magfaUsername: "user",
  magfaDomain: "domain",
  magfaPassword: () => "password",
  magfaHookSecret: () => "a secret of a test",
  magfaTimeoutMs: 2000,
  senders: ["3000505", "10001"],
  countries: ["IR"],
  maxSegments: 10,
  receiptHours: 24,
  refundUndelivered: false,
});

/** How a test calls. */
type CallOptions = {
  /** The name of the request; another for each call unless it is given. */
  readonly key?: string;
  /** What the request says, in a word: other bodies are other requests. */
  readonly body?: string;
  readonly method?: "SendMessage" | "SendMessages";
  readonly signal?: AbortSignal;
  /** How long the caller waits. */
  readonly withinMs?: number;
};

/** A call that a person makes under a key. */
export function callOf(accountId: string, options: CallOptions = {}): Call {
  const { key = newId(), body = "", method = "SendMessage", withinMs = 10_000 } = options;
  const values = createContextValues();
  const person = { id: accountId, roles: ["USER" as const], verificationLevel: 0 };
  const call: IdempotentCall = {
    principal: accountId,
    method: `mizan.sms.v1.MessageService/${method}`,
    key,
    hash: hash("sha256", body, "buffer"),
    replayed: false,
  };
  values.set(callerKey, { kind: "person", person }).set(callKey, call);
  values.set(deadlineKey, Date.now() + withinMs);
  return { values, signal: options.signal ?? new AbortController().signal };
}

/** Whether the answer of a call was that of an earlier one. */
export function wasReplayed(call: Call): boolean {
  return call.values.get(callKey)!.replayed;
}
