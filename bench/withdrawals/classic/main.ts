// The baseline as a process of its own: the same method on the same edge, one transaction a request
// before the bank is called and one after it.
import type { DescService } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { Pool } from "pg";
import { Withdrawal_State } from "#gen/mizan/core/v1/withdrawal_pb.ts";
import { WithdrawalService } from "#gen/mizan/core/v1/withdrawal_service_pb.ts";
import { personOf } from "#mesh/access.ts";
import type { Admission } from "#mesh/admission/admission.ts";
import { startEdge } from "#mesh/edge.ts";
import { createHttpCaller } from "#mesh/http-caller.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import { newId } from "#mesh/ids.ts";
import { serverChain } from "#mesh/interceptors/chain.ts";
import { PROVIDER_TIMEOUT_MS } from "#mesh/limits.ts";
import { createLog } from "#mesh/log.ts";
import { toMinor } from "#mesh/money.ts";
import { createTelemetry } from "#mesh/telemetry.ts";
import { createVerifier } from "#mesh/token-verifier.ts";

const CONNECTIONS = 16;

const { env } = process;
const log = createLog({ name: "classic", level: "error" });
const telemetry = createTelemetry("classic");
const db = new Pool({ connectionString: env["DATABASE_URL"], max: CONNECTIONS });
const authorization = `Bearer ${env["BANK_KEY"]}`;
const baseUrl = `${env["BANK_URL"]}/v1`;
const callBank = createHttpCaller({ baseUrl, authorization, timeoutMs: PROVIDER_TIMEOUT_MS });
const never = new AbortController().signal;

/** Has the bank pay one withdrawal; returns the bank's reference. */
async function pay(reference: string, amount: string): Promise<string> {
  const transfer = { reference, account: "IR0000", amount, asset: "IRR", description: "classic" };
  const body = JSON.stringify({ transfers: [transfer] });
  const answer = await callBank({ path: "transfers", body }, never);
  if (answer.kind !== "ANSWERED" || answer.status !== 200) throw new Error(JSON.stringify(answer));
  type Results = { results: { status: string; bank_reference: string }[] };
  const [result] = (JSON.parse(answer.body) as Results).results;
  if (result?.status !== "COMPLETED") throw new Error(answer.body);
  return result.bank_reference;
}

const createWithdrawal: ServiceImpl<typeof WithdrawalService>["createWithdrawal"] = async (
  { amount },
  { values },
) => {
  const { id: merchantId } = personOf(values);
  const { key, hash } = values.get(callKey)!;
  const id = newId();
  const minor = toMinor(amount!.amount, 2);
  const { rows } = await db.query<{ done: boolean }>(reserve, [id, merchantId, minor, key, hash]);
  if (rows[0]?.done !== true) throw new Error("the baseline has refused a withdrawal");
  const bankReference = await pay(id, amount!.amount);
  await db.query("select classic.finish($1, $2)", [id, bankReference]);
  const state = Withdrawal_State.SUCCEEDED;
  return { withdrawal: { id, merchantId, state, amount: amount!, bankReference } };
};

const reserve = "select classic.reserve($1, $2, $3, $4, $5) as done";

/** Everybody may come in: the line is that of the pool. */
const admission: Admission = {
  enter: () => undefined,
  leave: () => {},
  state: () => ({ limit: 0, running: 0, waiting: 0, refused: 0 }),
};

const withdrawals: Partial<ServiceImpl<typeof WithdrawalService>> = { createWithdrawal };
const implementation = withdrawals as Partial<ServiceImpl<DescService>>;
await startEdge({
  host: "127.0.0.1",
  port: Number(env["PORT"]),
  contract: [{ service: WithdrawalService, implementation }],
  interceptors: serverChain({
    gate: { service: "core", verifier: createVerifier(env["CERTS"]!), isDenied: () => false },
    log,
    telemetry,
    admission,
  }),
  log,
  telemetry,
  trustedProxies: [],
  allowedOrigins: [],
});
process.on("SIGTERM", () => process.exit(0));
