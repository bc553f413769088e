import { setTimeout as sleep } from "node:timers/promises";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { TransferStatus } from "#gen/mizan/billing/v1/transfer_pb.ts";
import { ensureCertificates } from "#mesh/certificates.ts";
import { createClients } from "#mesh/grpc/clients.ts";
import { openIdentity } from "#mesh/identity.ts";
import { bytesOf, derivedId, newId, ZERO_ID } from "#mesh/ids.ts";
import { freePorts } from "#mesh/local/ports.ts";
import { temporaryFolder } from "#mesh/testing/folder.ts";
import { testLog } from "#mesh/testing/log.ts";
import { testNats } from "#mesh/testing/nats.ts";
import { createSigner } from "#mesh/tokens.ts";
import { type BillingProcess, startBillingProcess } from "./billing-process.ts";
import { testBooks } from "./test-ledger.ts";

/** Two places for billing on the same books, and callers who know both. */
export async function billingPair() {
  await using stack = new AsyncDisposableStack();
  const { path: certs } = stack.use(temporaryFolder());
  await ensureCertificates(certs, ["core", "billing"]);
  const [db, nats] = [stack.use(await testBooks()), stack.use(await testNats())];
  const ports = await freePorts(2);
  const environment = { MIZAN_CERTS: certs, DATABASE_URL: db.url, NATS_URL: nats.url };
  const start = (place: 0 | 1): BillingProcess =>
    open.use(startBillingProcess({ ...environment, GRPC_PORT: String(ports[place]) }));
  const identity = stack.use(openIdentity({ folder: certs, service: "core", log: testLog() }));
  const signer = stack.use(createSigner(certs, "core"));
  const peers = { billing: ports.map((port) => `127.0.0.1:${port}`).join() };
  const clients = stack.use(createClients({ identity, signer, peers }));
  const ledger = clients.of(LedgerService);
  clients.open();
  const open = stack.move();
  return { db, start, ledger, [Symbol.asyncDispose]: async () => open.disposeAsync() };
}

type Ledger = Awaited<ReturnType<typeof billingPair>>["ledger"];

const accountId = (name: string) => bytesOf(derivedId(`account/test/${name}`));

/** Opens the accounts that the load moves money between; neither has a limit. */
export async function openLoadAccounts(ledger: Ledger): Promise<void> {
  const accounts = ["from", "to"].map((name) => {
    return { id: accountId(name), asset: "IRR", code: 100, flags: 0, userData: bytesOf(ZERO_ID) };
  });
  await ledger.createAccounts({ requestId: newId(), accounts });
}

/** Callers who make transfers of 0.01 one after the other, each again until it has its answer. */
export type Load = Disposable & {
  /** The ids that were answered, each once. */
  readonly answered: readonly string[];
  /** The calls that failed, which were made again. */
  readonly failed: readonly unknown[];
  /** Waits until so many more are answered. */
  readonly more: (count: number) => Promise<void>;
  /** Ends when each has the answer to its last transfer. */
  readonly stop: () => Promise<void>;
};

/** Starts a load of a name and so many callers, who wait for each call as long as they are told. */
export function startLoad(
  ledger: Ledger,
  { name, callers, timeoutMs }: { name: string; callers: number; timeoutMs: number },
): Load {
  const answered: string[] = [];
  const failed: unknown[] = [];
  const waiting = new Set<() => void>();
  const [over, given] = [new AbortController(), new AbortController()];
  const makeOne = async (id: string) => {
    while (!given.signal.aborted) {
      try {
        const transfers = [{ ...plain, id: bytesOf(id) }];
        const { results } = await ledger.createTransfers(
          { requestId: newId(), transfers },
          { timeoutMs },
        );
        const { status } = results[0]!;
        const isMade = status === TransferStatus.CREATED || status === TransferStatus.EXISTS;
        if (!isMade) throw new Error(`The transfer has the status ${status}.`);
        return;
      } catch (error) {
        failed.push(error);
        await sleep(REPEAT_MS);
      }
    }
  };
  const calling = Array.from({ length: callers }, async (_, caller) => {
    for (let round = 0; !over.signal.aborted; round += 1) {
      const id = derivedId(`transfer/${name}/${caller}/${round}`);
      await makeOne(id);
      answered.push(id);
      for (const wake of waiting) wake();
    }
  });
  return {
    answered,
    failed,
    more: async (count) => {
      const least = answered.length + count;
      while (answered.length < least) {
        const { promise, resolve } = Promise.withResolvers<void>();
        waiting.add(resolve);
        await promise;
        waiting.delete(resolve);
      }
    },
    stop: async () => {
      over.abort();
      await Promise.all(calling);
    },
    [Symbol.dispose]: () => {
      over.abort();
      given.abort();
    },
  };
}

/** Callers whose call failed don't come again at once. */
const REPEAT_MS = 20;

const plain = {
  debitAccountId: accountId("from"),
  creditAccountId: accountId("to"),
  asset: "IRR",
  amount: "0.01",
  code: 100,
  flags: 0,
};
