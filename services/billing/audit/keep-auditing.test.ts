import { afterAll, beforeEach, expect, test } from "vitest";
import { connect } from "#mesh/database/connect.ts";
import { openConnection } from "#mesh/database/connection.ts";
import { asRole } from "#mesh/database/role.ts";
import { transaction } from "#mesh/database/transaction.ts";
import { hexOf, newId } from "#mesh/ids.ts";
import { endLease, type Lease, takeLease } from "#mesh/jobs/lease.ts";
import { AUDIT_TOLD_EVERY_MS, KEPT_AUDITS, KEPT_DISCREPANCIES } from "#mesh/limits.ts";
import { type Audit, AuditStates } from "../domain/audit.ts";
import type { Fault } from "../domain/fold/fault.ts";
import { TransferFlags } from "../domain/transfer.ts";
import { findAudit, wantAudit } from "../store/audits.ts";
import { databaseRole } from "../store/role.ts";
import type { Tables } from "../store/tables.ts";
import { make, open, testBooks, testWriter, transferOf } from "../testing/test-ledger.ts";
import { tamper } from "../testing/test-seal.ts";
import type { AuditMessage } from "./audit-message.ts";
import { auditOnce } from "./audit-once.ts";
import { checkHead, type Head } from "./check-head.ts";
import { createFindings } from "./findings.ts";
import { keepAuditing } from "./keep-auditing.ts";
import { auditRecord } from "./record.ts";

const stack = new AsyncDisposableStack();
const books = stack.use(await testBooks());
const url = asRole(books.url, databaseRole);
const db = stack.use(connect<Tables>({ url, max: 2, name: "test" }));
const superuser = stack.use(await openConnection({ url: books.url, name: "superuser" }));
const connection = stack.use(await openConnection({ url, name: "test" }));
const writer = stack.use(await testWriter(books.url));
await open(writer, "a", "b", "c");
let lease: Lease;
afterAll(async () => stack.disposeAsync());

beforeEach(async () => {
  await superuser.query("truncate audit, discrepancy, outbox, lease");
  lease = (await takeLease(db, "job/audit"))!;
});

const record = () => auditRecord(db, 0, lease);
const none = { asOfSeq: 0, checkedSeq: 0, checkedAccounts: 0, progressPermille: 0 };
const nothing = { ...none, discrepancyCount: 0 };
const something = { ...none, discrepancyCount: 1 };
const fault: Fault = { slot: 1, seq: 7, field: "debit_posted_after", expected: "1", found: "2" };
const stateOf = async ({ id }: Audit) => (await findAudit(db.sql, 0, id))!.state;

/** Audits until there is an audit that ends, and returns what was told. */
async function keepAuditingOnce() {
  const stop = new AbortController();
  const messages: AuditMessage[] = [];
  await keepAuditing({ url, shard: 0, lease }, stop.signal, (message) => {
    messages.push(message);
    if ("ended" in message) stop.abort();
  });
  return messages;
}

test("an audit that a restart broke off is aborted, and a new one passes", async () => {
  const broken = await record().begin();
  const [message] = await keepAuditingOnce();
  expect(await stateOf(broken)).toBe(AuditStates.ABORTED);
  expect(message).toMatchObject({ ended: { state: AuditStates.PASSED } });
});

test("an audit that somebody asked for before anybody could begin it is made", async () => {
  const wanted = await transaction(db, async (tx) => wantAudit(tx, 0, newId()));
  const [message] = await keepAuditingOnce();
  expect(message).toMatchObject({ ended: { id: wanted.id, isWanted: true } });
});

test("who asks while an audit is under way joins it", async () => {
  const running = await record().begin();
  const joined = await transaction(db, async (tx) => wantAudit(tx, 0, newId()));
  expect(joined.id).toBe(running.id);
  expect(await record().save(running, nothing, [])).toMatchObject({ isWanted: true });
});

test("X3 who has lost the lease writes nothing any more", async () => {
  const ours = record();
  const running = await ours.begin();
  await endLease(db, lease);
  await takeLease(db, "job/audit");
  await expect(ours.end(running, nothing, [])).rejects.toThrow("was taken over");
  expect(await stateOf(running)).toBe(AuditStates.RUNNING);
});

/** How many ends of audits were published so far. */
async function countTold(): Promise<number> {
  const [row] = await superuser.query<{ count: number }>("select count(*) as count from outbox");
  return row!.count;
}

async function endOne(faults: readonly Fault[] = []): Promise<Audit> {
  const progress = { ...none, discrepancyCount: faults.length };
  return record().end(await record().begin(), progress, faults);
}

test("what was found is told at once, the same once an hour, and also that all is well again", async () => {
  await endOne();
  expect(await countTold()).toBe(1); // the first one of all
  await endOne();
  expect(await countTold()).toBe(1);
  await endOne([fault]);
  expect(await countTold()).toBe(2);
  await endOne([fault]);
  expect(await countTold()).toBe(2);
  await endOne([fault, { ...fault, seq: 8 }]);
  expect(await countTold()).toBe(3);
  await superuser.query(
    `update audit set ended_at_us = ended_at_us - ${AUDIT_TOLD_EVERY_MS * 1000}`,
  );
  await endOne([fault]);
  expect(await countTold()).toBe(4);
  await endOne();
  expect(await countTold()).toBe(5);
  await transaction(db, async (tx) => wantAudit(tx, 0, newId()));
  await endOne();
  expect(await countTold()).toBe(6); // somebody waits for it
});

test("what moves with an account in use is no news each time", async () => {
  const account = { ...fault, field: "account.credits_posted" };
  await endOne([account]);
  await endOne([{ ...account, seq: 9, expected: "3", found: "4" }]);
  expect(await countTold()).toBe(1);
});

test("what was found outside of an audit is an audit of its own, if it is news", async () => {
  await record().found(something, [fault]);
  await record().found(something, [fault]);
  const rows = await superuser.query("select state from audit");
  expect(rows).toEqual([{ state: AuditStates.FAILED }]);
  expect(await countTold()).toBe(1);
});

test("audits that nobody was told of are forgotten, but for the latest", async () => {
  for (let index = 0; index < KEPT_AUDITS + 5; index += 1) await endOne();
  const [row] = await superuser.query<{ count: number }>("select count(*) as count from audit");
  expect(row!.count).toBe(KEPT_AUDITS + 1); // and the first one, which was told
});

test("all that is found is counted, and the first thousand is kept", () => {
  const findings = createFindings();
  for (let seq = 1; seq <= KEPT_DISCREPANCIES + 1; seq += 1) findings.report({ ...fault, seq });
  expect(findings.count()).toBe(KEPT_DISCREPANCIES + 1);
  expect(findings.take()).toHaveLength(KEPT_DISCREPANCIES);
  expect(findings.take()).toEqual([]);
});

test("what is new is looked at while the next audit is under way, and accounts with it", async () => {
  const [signal, tell] = [new AbortController().signal, () => {}];
  const auditor = { connection, shard: 0, record: record(), custody: [], signal, tell };
  const head = await auditOnce(auditor, undefined);
  const look = async () => {
    const findings = createFindings();
    await checkHead(connection, 0, head, findings.report);
    return findings.take();
  };
  const [made] = await make(writer, transferOf("a", "b", { amount: 5n }));
  expect(await look()).toEqual([]);
  const { seq, debitSlot } = made!.transfer!;
  await make(writer, transferOf("a", "c", { amount: 5n }));
  await tamper(
    superuser,
    `update transfer set debit_posted_after = debit_posted_after + 1 where seq = ${seq + 1}`,
    "update account set version = version + 1 where slot = 2",
  );
  expect(await look()).toMatchObject([
    { slot: debitSlot, seq: seq + 1, field: "debit_posted_after" },
    { slot: 2, field: "account.version" },
  ]);
  await tamper(
    superuser,
    `update transfer set debit_posted_after = debit_posted_after - 1 where seq = ${seq + 1}`,
    "update account set version = version - 1 where slot = 2",
  );
});

test("audits of books that are being written to find nothing", { timeout: 30_000 }, async () => {
  const [signal, tell] = [new AbortController().signal, () => {}];
  const auditor = { connection, shard: 0, record: record(), custody: [], signal, tell };
  const stop = new AbortController();
  const write = async () => {
    for (let amount = 1n; !stop.signal.aborted; amount += 1n) {
      const id = hexOf(newId());
      await open(writer, `d${amount}`);
      await make(
        writer,
        transferOf("a", `d${amount}`, { id, amount, flags: TransferFlags.PENDING }),
        transferOf("b", "c", { amount }),
      );
    }
  };
  const writing = [write(), write()];
  try {
    let head: Head | undefined;
    let last = 0;
    for (let audits = 0; audits < 5; audits += 1) {
      await transaction(db, async (tx) => wantAudit(tx, 0, newId())); // without rests
      head = await auditOnce(auditor, head);
      const findings = createFindings();
      await checkHead(connection, 0, head, findings.report);
      expect(findings.take()).toEqual([]);
      expect(head.remade.fold.lastSeq).toBeGreaterThan(last);
      last = head.remade.fold.lastSeq;
    }
    const failed = await superuser.query("select from audit where state <> 2");
    expect(failed).toEqual([]);
  } finally {
    stop.abort();
    await Promise.all(writing);
  }
});
