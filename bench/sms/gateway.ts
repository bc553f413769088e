import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { MessageService } from "#gen/mizan/sms/v1/message_service_pb.ts";
import { type Connection, openConnection } from "#mesh/database/connection.ts";
import { newId } from "#mesh/ids.ts";
import type { DevFile } from "../../scripts/platform/dev-file.ts";
import { inside } from "../../scripts/platform/inside.ts";
import { temporaryStack } from "../../scripts/platform/temporary-stack.ts";
import { accountOf, type Customer, FUNDS_MINOR, openCustomers } from "./customers.ts";
import { content, receiver } from "./texts.ts";

/** The whole platform as `npm start` has it, and customers who send. */
export type Gateway = AsyncDisposable & {
  readonly dev: DevFile;
  readonly database: Connection;
  /** Sends one text of any customer, or of always the same one; returns when it was accepted. */
  readonly send: (of: "any" | "one", isExpress?: boolean) => Promise<Accepted>;
  /** Sends so many texts of one customer in one call; returns how many were accepted. */
  readonly sendBatch: (count: number) => Promise<number>;
  /** Keeps the workers from taking anything, or lets them go on. */
  readonly workers: (signal: "SIGSTOP" | "SIGCONT") => void;
  /** Waits until no message is under way; throws after a minute without a step. */
  readonly settled: () => Promise<void>;
  /** Compares the ledger with the messages, customer by customer; throws when they differ. */
  readonly verify: () => Promise<void>;
};

/** A text that was taken: to whom, and when, in milliseconds since 1970. */
export type Accepted = { readonly receiver: string; readonly atMs: number };

/** Boots a platform of its own and gives its customers money. */
export async function openGateway(): Promise<Gateway> {
  await using opened = new AsyncDisposableStack();
  const stack = opened.use(await temporaryStack({ say: () => {}, env: { LOG_LEVEL: "error" } }));
  const dev = stack.current().describe();
  const customers = await openCustomers(dev);
  const operator = opened.use(inside(dev, "operator"));
  const messages = operator.of(MessageService);
  const database = opened.use(await openConnection({ url: dev.databases["sms"]!, name: "bench" }));
  const pick = (of: "any" | "one") =>
    customers[of === "one" ? 0 : Math.floor(Math.random() * customers.length)]!;
  const send = async (of: "any" | "one", isExpress = false): Promise<Accepted> => {
    const { headers } = pick(of);
    const text = { requestId: newId(), receiver: receiver(), content: content(), isExpress };
    const { message } = await insist(async () => messages.sendMessage(text, { headers }));
    return {
      receiver: message!.receiver,
      atMs: Number(message!.createTime!.seconds) * 1000 + message!.createTime!.nanos / 1e6,
    };
  };
  const sendBatch = async (count: number) => {
    const { headers } = pick("any");
    const texts = Array.from({ length: count }, () => {
      return { receiver: receiver(), content: content() };
    });
    const request = { requestId: newId(), messages: texts };
    const answer = await insist(async () => messages.sendMessages(request, { headers }));
    if (answer.accepted < count) throw new Error(`${count - answer.accepted} texts were refused`);
    return answer.accepted;
  };
  const workers = (signal: "SIGSTOP" | "SIGCONT") => {
    const { pids } = stack.current().describe();
    for (const name of ["sms-express", "sms-bulk"]) process.kill(pids[name]!, signal);
  };
  const resources = opened.move();
  return {
    dev,
    database,
    send,
    sendBatch,
    workers,
    settled: async () => settled(database),
    verify: async () => verify(dev, database, customers),
    [Symbol.asyncDispose]: async () => resources.disposeAsync(),
  };
}

/** Calls again what was refused for overload, with the same key, as a customer has to. */
async function insist<R>(call: () => Promise<R>): Promise<R> {
  for (let left = 100; ; left -= 1) {
    try {
      return await call();
    } catch (error) {
      const isRefused = error instanceof ConnectError && error.code === Code.ResourceExhausted;
      if (!isRefused || left === 0) throw error;
      await sleep(50 + Math.random() * 100);
    }
  }
}

async function settled(database: Connection): Promise<void> {
  let left = Infinity;
  for (let changedMs = performance.now(); left > 0; await sleep(250)) {
    const [row] = await database.query<{ open: number }>(
      `select (select count(*) from task where stage <> 'SENT')
         + (select count(*) from message where state in ('SENT', 'SENDING'))
         + (select count(*) from ledger_step) as open`,
    );
    if (row!.open !== left) changedMs = performance.now();
    left = row!.open;
    if (performance.now() > changedMs + PATIENCE_MS) throw new Error(`${left} tasks are stuck`);
  }
}

async function verify(dev: DevFile, database: Connection, customers: readonly Customer[]) {
  using core = inside(dev, "core");
  const { accounts } = await core
    .of(LedgerService)
    .lookupAccounts({ accountIds: customers.map(({ id }) => accountOf(id)) });
  const rows = await database.query<{ account_id: string; paid: bigint; held: bigint }>(
    `select account_id, sum(price) filter (where charge = 'CAPTURED') as paid,
       sum(price) filter (where charge = 'RESERVED') as held
     from message group by account_id`,
  );
  const bills = new Map(rows.map((row) => [row.account_id, row]));
  for (const [index, { id }] of customers.entries()) {
    const { debitsPosted, debitsPending, creditsPosted } = accounts[index]!;
    const bill = bills.get(id);
    const says = [debitsPosted, debitsPending, creditsPosted].map(toMinor).join();
    const is = [bill?.paid ?? 0n, bill?.held ?? 0n, FUNDS_MINOR].join();
    if (says !== is) throw new Error(`the ledger of ${id} says ${says}, the messages say ${is}`);
  }
}

function toMinor(amount: string): bigint {
  const [major = "0", minor = ""] = amount.split(".");
  return BigInt(major) * 100n + BigInt(minor.padEnd(2, "0"));
}

const PATIENCE_MS = 60_000;
