import { afterAll, beforeAll, expect, test } from "vitest";
import { listenHttp, type HttpServer } from "#mesh/edge/http-server.ts";
import { startJobs } from "#mesh/jobs/loop.ts";
import { receiveTrace } from "#mesh/trace.ts";
import { hooks } from "../hooks.ts";
import { PRICE, sentChunk, standingOf } from "../testing/sent-chunk.ts";
import { testSms, type TestSms } from "../testing/test-sms.ts";
import { ledgerStepsJobs } from "./ledger-steps.ts";
import { pollsJob } from "./polls.ts";
import { receiptsJob } from "./receipts.ts";

let world: TestSms;
let http: HttpServer;
let jobs: AsyncDisposable;

beforeAll(async () => {
  world = await testSms();
  const { sms, magfa } = world;
  const page = hooks(sms);
  http = await listenHttp({ host: "127.0.0.1", port: 0 }, (request, response) => {
    const from = { client: { ip: "127.0.0.1" }, trace: receiveTrace(new Headers()) };
    page(request, response, request.url ?? "", from);
  });
  const url = `http://127.0.0.1:${http.port}/hooks/sms/magfa`;
  magfa.control({ hook: { url, secret: magfa.hookSecret } });
  const means = { db: sms.db, log: sms.log, telemetry: sms.metrics };
  jobs = startJobs([receiptsJob(sms), pollsJob(sms), ...ledgerStepsJobs(sms)], means);
});
afterAll(async () => {
  await jobs[Symbol.asyncDispose]();
  await http[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

/** Texts that a simulated Magfa has taken, which become known here only after its answer. */
const sent = async (count: number) => {
  const texts = Array.from({ length: count }, (_, index) => ({
    ref: BigInt(Date.now() * 1000 + index),
    receiver: "+989121234567",
    sender: "3000505",
    text: "hello",
  }));
  const outcomes = await world.sms.provider.submit(texts, new AbortController().signal);
  const providerIds = outcomes.map((one) => (one.kind === "ACCEPTED" ? one.providerId : ""));
  return sentChunk(world, { providerIds });
};

test("receipts that Magfa pushes reach their messages, those that come too early too", async () => {
  world.magfa.control({ script: { receiptStatus: 1, receiptEarly: true, receiptCopies: 2 } });
  const { messageIds } = await sent(20);
  const states = async () => {
    const rows = await standingOf(world, messageIds);
    return rows.map(({ state, revision }) => `${state} ${revision}`);
  };
  await expect.poll(states).toEqual(messageIds.map(() => "DELIVERED 2"));
});

test("G7 the ledger gives back what a receipt says has failed, within moments", async () => {
  world.magfa.control({
    script: { receiptStatus: 16, receiptEarly: false, receiptCopies: 3, receiptDelayMs: 0 },
  });
  const { accountId } = await sent(20);
  const available = () => world.ledger.available(accountId);
  await expect.poll(available, { timeout: 2000 }).toBe(20n * PRICE);
  expect(world.ledger.paid(accountId)).toBe(0n);
});
