import { closedLoop } from "./load.ts";
import { quantile, type Report, type Row, row } from "./report.ts";
import { type Case, inTurn } from "./rounds.ts";
import { type Classic, openClassic } from "./sms/classic.ts";
import { CUSTOMERS } from "./sms/customers.ts";
import { measureEndToEnd, MESSAGES } from "./sms/end-to-end.ts";
import { BACKLOG, EXPRESS_PER_SECOND, measureExpress } from "./sms/express.ts";
import { type Gateway, openGateway } from "./sms/gateway.ts";

/** How often each case is measured, and for how long. */
const usual = { rounds: 3, ms: 4000 };

/**
 * Measures the gateway as `npm start` has it, all processes on this machine, against a function
 * that does the classic thing in one transaction a message. Throws when the ledger and the
 * messages do not agree to the unit afterwards.
 */
export async function bench({ rounds, ms } = usual): Promise<Report> {
  await using gateway = await openGateway();
  await using classic = await openClassic(gateway.dev.databases["sms"]!);
  gateway.workers("SIGSTOP");
  const accepting = await inTurn(acceptCases(gateway, classic, ms), rounds);
  gateway.workers("SIGCONT");
  await gateway.settled();
  const ending = await inTurn([async () => measureEndToEnd(gateway)], rounds);
  const express = await inTurn([async () => measureExpress(gateway, 2 * ms)], 2);
  await gateway.verify();
  return {
    bench: "sms",
    input: describe(classic, ms),
    rows: toRows({ ...accepting, ...ending, ...express }),
  };
}

function acceptCases(gateway: Gateway, classic: Classic, ms: number): Case[] {
  const unary = (name: string, of: "any" | "one") => async () => {
    const load = { inFlight: UNARY_IN_FLIGHT, ms };
    const { perSecond, latenciesMs } = await closedLoop(load, async () => {
      await gateway.send(of);
      return 1;
    });
    return { [name]: perSecond, [`${name}, p99`]: quantile(latenciesMs, 0.99) };
  };
  const batches = async () => {
    const load = { inFlight: BATCHES_IN_FLIGHT, ms };
    const { perSecond, latenciesMs } = await closedLoop(load, () => gateway.sendBatch(1000));
    return { SendMessages: perSecond, "SendMessages, p99": quantile(latenciesMs, 0.99) };
  };
  const baseline = (name: string, of: "any" | "one") => async () => {
    const load = { inFlight: classic.connections, ms };
    return { [name]: (await closedLoop(load, () => classic.send(of))).perSecond };
  };
  return [
    unary("SendMessage", "any"),
    baseline("one transaction a message", "any"),
    unary("SendMessage one customer", "one"),
    baseline("one transaction a message, one customer", "one"),
    batches,
  ];
}

const UNARY_IN_FLIGHT = 128;
const BATCHES_IN_FLIGHT = 3;

function describe({ connections }: Classic, ms: number): string {
  return (
    `the platform of npm start, ${CUSTOMERS} customers, texts of one part by turns Persian and ` +
    `English, over gRPC with mutual TLS; ${ms / 1000} s a run; SendMessage: ${UNARY_IN_FLIGHT} ` +
    `calls in flight; SendMessages: ${BATCHES_IN_FLIGHT} calls of 1000 texts in flight; both with ` +
    `the workers stopped; end to end: ${MESSAGES} texts in calls of 1000, until all are DELIVERED; ` +
    `express: ${EXPRESS_PER_SECOND} a second while ${BACKLOG} bulk messages wait; one transaction ` +
    `a message: a function of the same PostgreSQL over ${connections} connections, without a ` +
    `service, a queue or a second database`
  );
}

function toRows(found: Readonly<Record<string, readonly number[]>>): Row[] {
  const rate = (name: string, baseline?: Row) => row(name, "messages/s", found[name]!, baseline);
  const time = (name: string) => row(name, "ms", found[name]!);
  const any = rate("one transaction a message");
  const one = rate("one transaction a message, one customer");
  return [
    rate("SendMessage", any),
    time("SendMessage, p99"),
    rate("SendMessage one customer", one),
    time("SendMessage one customer, p99"),
    rate("SendMessages", any),
    time("SendMessages, p99"),
    any,
    one,
    rate("end to end"),
    time("express under bulk"),
    time("express under bulk, p50"),
    time("express under bulk, answer p99"),
    row("bulk messages still waiting", "messages", found["bulk messages still waiting"]!),
  ];
}
