import { fromBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Audit_State } from "#gen/mizan/billing/v1/audit_pb.ts";
import { AuditService } from "#gen/mizan/billing/v1/audit_service_pb.ts";
import { AuditFinishedSchema } from "#gen/mizan/billing/v1/events_pb.ts";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { WalletService } from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { type Connection, openConnection } from "#mesh/database/connection.ts";
import { reasonOf } from "#mesh/errors.ts";
import { bytesOf, derivedId, hexFromBytes, hexOf, newId } from "#mesh/ids.ts";
import { serveBilling } from "../testing/serve-billing.ts";
import { tamper } from "../testing/test-seal.ts";

// The audits of a running service, with the intervals of production, as administrators see them.

const stack = new AsyncDisposableStack();
let billing: Awaited<ReturnType<typeof serveBilling>>;
let superuser: Connection;

beforeAll(async () => {
  billing = stack.use(await serveBilling());
  superuser = stack.use(await openConnection({ url: billing.db.url, name: "superuser" }));
});
afterAll(async () => stack.disposeAsync());

const admin = async () => billing.outside(AuditService, newId(), "ADMIN");
const available = (userId: string) => derivedId(`account/user/${userId}/available/IRR`);

/** A user with 100.00 IRR. */
async function join(): Promise<string> {
  const userId = newId();
  const account = { id: bytesOf(available(userId)), asset: "IRR", code: 100, flags: 2 };
  const accounts = [{ ...account, userData: bytesOf(hexOf(userId)) }];
  await billing.inside("core").of(LedgerService).createAccounts({ requestId: newId(), accounts });
  const charge = { requestId: newId(), userId, amount: { asset: "IRR", amount: "100.00" } };
  await (await billing.outside(WalletService, newId(), "ADMIN")).chargeAccount(charge);
  return userId;
}

/** Asks for an audit and waits for its end. */
async function audit() {
  const audits = await admin();
  const { audit: started } = await audits.startAudit({ requestId: newId() });
  const read = async () => (await audits.getAudit({ auditId: started!.id })).audit!;
  await expect.poll(async () => (await read()).state, waiting).not.toBe(Audit_State.RUNNING);
  return read();
}

const waiting = { timeout: 60_000, interval: 100 };

test("an audit that somebody asks for passes, and tells what it has read", async () => {
  await join();
  const ended = await audit();
  expect(ended).toMatchObject({
    state: Audit_State.PASSED,
    progressPermille: 1000,
    discrepancyCount: 0n,
  });
  expect(ended.checkedSeq).toBe(ended.asOfSeq);
  expect(ended.checkedAccounts).toBeGreaterThan(10n); // those of the house
  expect(ended.endTime!.seconds).toBeGreaterThanOrEqual(ended.startTime!.seconds);
});

test("the same request has the same answer, and one that comes meanwhile joins", async () => {
  const audits = await admin();
  const requestId = newId();
  const first = await audits.startAudit({ requestId });
  expect(await audits.startAudit({ requestId })).toEqual(first);
  await expect
    .poll(async () => (await audits.getAudit({ auditId: first.audit!.id })).audit!.state, waiting)
    .toBe(Audit_State.PASSED);
  const call = audits.getAudit({ auditId: newId() });
  expect(reasonOf(await call.catch((error: unknown) => error))).toBe("AUDIT_NOT_FOUND");
});

test.each([
  ["of a balance", "account.credits_posted", plantInAccount],
  ["of a transfer", "credit_posted_after", plantInTransfer],
] as const)(
  "D20 a planted one-unit corruption %s is found by the running service within 60 s",
  { timeout: 90_000 },
  async (_, field, plant) => {
    const audits = await admin();
    const account = available(await join());
    await tamper(superuser, plant(account, 1));
    const startMs = performance.now();
    const find = async () => {
      const { discrepancies } = await audits.listDiscrepancies({});
      return discrepancies.find((one) => hexFromBytes(one.accountId) === account);
    };
    const values = { field, expected: "10000", found: "10001" };
    await expect.poll(find, waiting).toMatchObject(values);
    expect(performance.now() - startMs).toBeLessThan(60_000);
    const { auditId } = (await find())!;
    const failed = (await audits.getAudit({ auditId })).audit!;
    expect(failed).toMatchObject({ state: Audit_State.FAILED, id: auditId });
    await expect.poll(told, waiting).toContainEqual(
      expect.objectContaining({
        audit: expect.objectContaining({ id: auditId }),
        discrepancies: expect.arrayContaining([expect.objectContaining(values)]),
      }),
    );
    await tamper(superuser, plant(account, -1));
    expect(await audit()).toMatchObject({ state: Audit_State.PASSED });
  },
);

function plantInAccount(account: string, units: number): string {
  return `update account set credits_posted = credits_posted + ${units} where id = '${account}'`;
}

function plantInTransfer(account: string, units: number): string {
  return `update transfer set credit_posted_after = credit_posted_after + ${units}
    where credit_slot = (select slot from account where id = '${account}')`;
}

/** The ends of audits that were published. */
async function told() {
  const rows = await superuser.query<{ payload: Uint8Array }>(
    "select payload from outbox where subject = 'mizan.billing.v1.AuditFinished.0'",
  );
  return rows.map(({ payload }) => fromBinary(AuditFinishedSchema, payload));
}

test("the proof of an asset says what everybody has, and that it is there", async () => {
  const audits = await admin();
  const before = (await audits.getProof({ asset: "IRR" })).proof!;
  await join();
  const proof = (await audits.getProof({ asset: "IRR" })).proof!;
  const gained = (name: "custody" | "liabilities") =>
    Number(proof[name]!.amount) - Number(before[name]!.amount);
  expect([gained("custody"), gained("liabilities")]).toEqual([100, 100]);
  expect(proof).toMatchObject({ asset: "IRR", isBalanced: true });
  expect(proof.debitsPosted).toEqual(proof.creditsPosted);
  expect(proof.asOfSeq).toBe(before.asOfSeq + 1n);
  const [users, world] = [100, 700].map((code) => proof.lines.find((line) => line.code === code)!);
  expect(users).toMatchObject({ name: "user available", creditsPosted: proof.liabilities!.amount });
  expect(world).toMatchObject({ name: "world", accountCount: 1n });
  const unknown = audits.getProof({ asset: "NONE" });
  expect(reasonOf(await unknown.catch((error: unknown) => error))).toBe("UNKNOWN_ASSET");
});
