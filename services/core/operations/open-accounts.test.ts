import { afterAll, expect, test } from "vitest";
import { derivedId, hexFromBytes } from "#mesh/ids.ts";
import { callWith, testCore } from "../testing/test-core.ts";
import { openAccounts } from "./open-accounts.ts";
import { registerUser } from "./register-user.ts";

const { core, ledger, ...rest } = await testCore();
afterAll(async () => rest[Symbol.asyncDispose]());

async function registerWithoutLedger(username: string): Promise<string> {
  const request = { requestId: "", email: "", phoneNumber: "", password: "blue tea pot 7" };
  ledger.isAway = true;
  await registerUser(core, { ...request, username }, callWith()).catch(() => {});
  ledger.isAway = false;
  const rows = core.db.sql.selectFrom("profile").select("person_id");
  return (await rows.where("username", "=", username).executeTakeFirstOrThrow()).person_id;
}

test("a registration that a crash left half done is finished by the job", async () => {
  const id = await registerWithoutLedger("crashed");
  expect(await openAccounts(core, 0)).toBe(1);
  expect(ledger.accounts).toContain(accountOf(id));
  expect(await openAccounts(core, 0)).toBe(0);
});

test("a registration that may still be under way is left alone", async () => {
  await registerWithoutLedger("fresh");
  expect(await openAccounts(core)).toBe(0);
});

test("while the ledger is away the job leaves all as it is", async () => {
  const waiting = await openAccounts(core, 0);
  await registerWithoutLedger("waiting");
  ledger.isAway = true;
  await expect(openAccounts(core, 0)).rejects.toThrow("accounts are not open");
  ledger.isAway = false;
  expect(waiting + (await openAccounts(core, 0))).toBe(2);
});

test("a user whose account the ledger refuses does not hold up the others", async () => {
  const refused = await registerWithoutLedger("refused");
  await registerWithoutLedger("fine");
  const openAccount: typeof core.openAccount = async (account, call) => {
    if (account.id && hexFromBytes(account.id) === accountOf(refused)) throw new Error("refused");
    return core.openAccount(account, call);
  };
  await expect(openAccounts({ ...core, openAccount }, 0)).rejects.toThrow("1 accounts");
  expect(await openAccounts(core, 0)).toBe(1);
});

function accountOf(userId: string): string {
  return derivedId(`account/user/${userId}/available/IRR`);
}
