import { AccountFlag } from "#gen/mizan/billing/v1/account_pb.ts";
import { CreditService } from "#gen/mizan/billing/v1/credit_service_pb.ts";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { openConnection } from "#mesh/database/connection.ts";
import { bytesOf, derivedId, hexOf, newId } from "#mesh/ids.ts";
import { ACCESS_TOKEN_LIFE_S } from "#mesh/limits.ts";
import { fromMinor, toMinor } from "#mesh/money.ts";
import { createSigner } from "#mesh/tokens.ts";
import { createPasswords } from "../../services/core/providers/passwords.ts";
import type { DevFile } from "../platform/dev-file.ts";
import { inside } from "../platform/inside.ts";
import { outside } from "../platform/outside.ts";
import { simulatedBanks } from "../platform/services.ts";
import { markActive, type Seeded, writePeople } from "./people.ts";

/** What a seed makes; amounts are in major units of IRR. */
export type Wanted = {
  readonly count: number;
  /** What each merchant may use. */
  readonly credit: string;
  readonly password: string;
};

/**
 * Makes merchants that can withdraw at once, on a stack of this machine: people in the database of
 * core, their accounts and limits on the ledger. The same seed again changes nothing.
 */
export async function seedMerchants(dev: DevFile, wanted: Wanted): Promise<Seeded[]> {
  const { count, credit, password } = wanted;
  await using core = await openConnection({ url: dev.databases["core"]!, name: "seed" });
  const passwordHash = await createPasswords().hash(password);
  const merchants = await writePeople(core, { count, passwordHash });
  using calls = inside(dev, "core");
  const accounts = merchants.map(({ id }) => walletOf(id));
  for (let at = 0; at < count; at += MAX_ACCOUNTS) {
    const some = accounts.slice(at, at + MAX_ACCOUNTS);
    await calls.of(LedgerService).createAccounts({ requestId: newId(), accounts: some });
  }
  const credits = calls.of(CreditService);
  const creditLimit = { asset: "IRR", amount: credit };
  const left = merchants.values();
  const grantRest = async () => {
    for (const { id: merchantId } of left) {
      await credits.grantCredit({ requestId: newId(), merchantId, creditLimit });
    }
  };
  await Promise.all(Array.from({ length: GRANTS_AT_ONCE }, grantRest));
  await markActive(core, merchants, toMinor(credit, IRR_SCALE));
  return merchants;
}

/** Fills the pool up to an amount of IRR, as an administrator; returns what it has then. */
export async function fillPoolUpTo(dev: DevFile, amount: string): Promise<string> {
  const { accessToken } = await outside(dev.origin).users.login(dev.admin);
  const { credit } = outside(dev.origin, accessToken);
  const { pool } = await credit.getPool({});
  const has = pool!.available!.amount;
  const lacksMinor = toMinor(amount, IRR_SCALE) - toMinor(has, IRR_SCALE);
  if (lacksMinor <= 0n) return has;
  const topUp = { asset: "IRR", amount: fromMinor(lacksMinor, IRR_SCALE) };
  const [bank] = simulatedBanks; // the first one pays all but what it refuses
  const request = { requestId: newId(), amount: topUp, bank: bank.name, reference: "seed" };
  const filled = await credit.topUpPool(request);
  return filled.pool!.available!.amount;
}

/** Signs an access token for each merchant, as core does; they live ten minutes. */
export async function signIn(dev: DevFile, merchants: readonly Seeded[]) {
  using signer = createSigner(dev.certs, "core");
  const signed = merchants.map(async ({ id, username }) => {
    const person = { id, roles: ["USER", "MERCHANT"] as const, verificationLevel: 0 };
    return { id, username, token: await signer.accessToken(person, ACCESS_TOKEN_LIFE_S) };
  });
  return await Promise.all(signed);
}

/** The account that every person has on the ledger, as core opens it. */
function walletOf(id: string) {
  return {
    id: bytesOf(derivedId(`account/user/${id}/available/IRR`)),
    asset: "IRR",
    code: 100,
    flags: AccountFlag.DEBITS_MUST_NOT_EXCEED_CREDITS,
    userData: bytesOf(hexOf(id)),
  };
}

const MAX_ACCOUNTS = 5000;
const GRANTS_AT_ONCE = 32;
const IRR_SCALE = 2;
