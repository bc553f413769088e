import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createContextValues } from "@connectrpc/connect";
import { AccountStatus } from "#gen/mizan/billing/v1/account_pb.ts";
import { AccountResultSchema } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { ensureCertificates } from "#mesh/certificates.ts";
import { clientKey } from "#mesh/client.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import { hexFromBytes, newId } from "#mesh/ids.ts";
import { MAX_AMOUNT } from "#mesh/money.ts";
import { temporaryFolder } from "#mesh/testing/folder.ts";
import { testDatabase } from "#mesh/testing/postgres.ts";
import { createVerifier } from "#mesh/token-verifier.ts";
import { createSigner } from "#mesh/tokens.ts";
import type { Call, Core } from "../context.ts";
import { createAttempts } from "../domain/attempts.ts";
import { createPasswords } from "../providers/passwords.ts";
import type { Tables } from "../store/tables.ts";
import { fakeCredits } from "./fake-credits.ts";

/** Core on a real database, with cheap hashes and a clock and a ledger that a test can move. */
export async function testCore() {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(temporaryFolder());
  await ensureCertificates(folder.path, ["core"]);
  const migrations = [new URL("../store/migrations/", import.meta.url)];
  const db = stack.use(await testDatabase<Tables>({ migrations }));
  const clock = { nowMs: 0 };
  const ledger = { accounts: new Set<string>(), isAway: false };
  const credits = fakeCredits();
  const warnings: unknown[] = [];
  const core: Core = {
    db,
    log: { warn: (...fields: unknown[]) => void warnings.push(fields) },
    clock: { monotonicMs: () => clock.nowMs },
    signer: stack.use(createSigner(folder.path, "core")),
    passwords: createPasswords({ memoryKib: 64, passes: 1, parallelism: 1 }),
    attempts: createAttempts(),
    openAccount: async ({ id = new Uint8Array() }) => {
      if (ledger.isAway) throw new ConnectError("away", Code.Unavailable);
      const isNew = !ledger.accounts.has(hexFromBytes(id));
      ledger.accounts.add(hexFromBytes(id));
      const status = isNew ? AccountStatus.CREATED : AccountStatus.EXISTS;
      return create(AccountResultSchema, { status });
    },
    credit: credits.credit,
    wallets: credits.wallets,
    fourEyesMinor: MAX_AMOUNT,
    withdrawalFeeMinor: 0n,
  };
  const verifier = stack.use(createVerifier(folder.path));
  const dispose = async () => stack.disposeAsync();
  const { path } = folder;
  return { core, path, clock, ledger, credits, warnings, verifier, [Symbol.asyncDispose]: dispose };
}

/** A call from outside, under a key. */
export function callWith(key: string = newId(), ip = "192.0.2.1"): Call {
  const values = createContextValues();
  values.set(clientKey, { ip });
  const hash = new Uint8Array(32);
  const method = "mizan.core.v1.UserService/RegisterUser";
  values.set(callKey, { principal: "public", method, key, hash, replayed: false });
  return { values, signal: new AbortController().signal };
}
