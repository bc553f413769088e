import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "@connectrpc/connect";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { TransferStatus } from "#gen/mizan/billing/v1/transfer_pb.ts";
import { inside } from "../../../scripts/platform/inside.ts";
import type { Random } from "../random.ts";
import { type Made, mixOf, Outcome, type Outcomes } from "./mix.ts";
import type { Stage } from "./stage.ts";

/** A load of batches of transfers that runs until it is stopped. */
export type CrashLoad = Disposable & {
  /** What is known of each transfer that was ever sent, by its number. */
  readonly outcomes: Outcomes;
  /** When a call was answered last. */
  answeredMs(): number;
  /** What has gone wrong: calls that nobody decided in time. */
  readonly problems: readonly string[];
  /** Ends the load after what is under way. */
  stop(): Promise<void>;
};

/** How much is sent, and by what chance. */
export type LoadOptions = {
  readonly run: string;
  readonly random: Random;
  /** How many transfers a second are sent at most, while billing answers. */
  readonly perSecond: number;
};

/**
 * Keeps clients busy that send batches of transfers and repeat each until it is answered, to
 * whichever process answers; now and then to all of them at once.
 */
export async function startCrashLoad(stage: Stage, options: LoadOptions): Promise<CrashLoad> {
  using cleanup = new DisposableStack();
  const clients = stage.billings.map(({ grpc }) =>
    cleanup.use(inside({ certs: stage.certs, grpc: { billing: grpc } }, "core")).of(LedgerService),
  );
  const problems: string[] = [];
  let answeredMs = performance.now();
  const mix = mixOf(options.run, options.random);
  const stopping = new AbortController();
  const everyMs = (1000 * CLIENTS * BATCH) / options.perSecond;

  /** Asks until the answer is known; false when nobody decides in time. */
  async function perform(made: readonly Made[]): Promise<boolean> {
    const endMs = performance.now() + GIVE_UP_MS;
    const requestId = `crash-${options.run}-${made[0]!.number}`;
    const request = { requestId, transfers: made.map(({ transfer }) => transfer) };
    for (let tries = 0; performance.now() < endMs; tries++) {
      const statuses = await ask(request, tries);
      if (statuses !== undefined) {
        answeredMs = performance.now();
        mix.note(made, statuses);
        return true;
      }
      await delay(20);
    }
    problems.push(`${requestId} was not decided within ${GIVE_UP_MS / 1000} s`);
    return false;
  }

  async function ask(request: Request, tries: number): Promise<Outcome[] | undefined> {
    const isDoubled = tries === 0 && options.random.below(100) < DOUBLED_OF_100;
    const asked = isDoubled ? clients : [clients[tries % clients.length]!];
    const answers = await Promise.allSettled(
      asked.map(async (client) => {
        const signal = AbortSignal.timeout(CALL_MS);
        const { results } = await client.createTransfers(request, { signal });
        return results.map(({ status }) => outcomeOf(status));
      }),
    );
    return answers.find((answer) => answer.status === "fulfilled")?.value;
  }

  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      const startMs = performance.now();
      await perform(mix.draw(BATCH));
      await delay(Math.max(0, everyMs - (performance.now() - startMs)));
    }
  }

  await openAccounts(clients, mix.accounts);
  if (!(await perform(mix.funds()))) throw new Error("the accounts could not be funded");
  const workers = Array.from({ length: CLIENTS }, work);
  const kept = cleanup.move();
  return {
    outcomes: mix.outcomes,
    problems,
    answeredMs: () => answeredMs,
    async stop() {
      stopping.abort();
      await Promise.all(workers);
    },
    [Symbol.dispose]: () => kept.dispose(),
  };
}

type Request = { requestId: string; transfers: Made["transfer"][] };

/** Every process but the writer refuses the connection, so one of them does it. */
async function openAccounts(
  clients: readonly Client<typeof LedgerService>[],
  accounts: ReturnType<typeof mixOf>["accounts"],
): Promise<void> {
  const request = { requestId: "crash-accounts", accounts: [...accounts] };
  await Promise.any(clients.map((client) => client.createAccounts(request)));
}

function outcomeOf(status: TransferStatus): Outcome {
  const { CREATED, EXISTS } = TransferStatus;
  return status === CREATED || status === EXISTS ? Outcome.APPLIED : Outcome.REFUSED;
}

const CLIENTS = 8;
const BATCH = 100;

/** Of a hundred calls, so many go to every process at once. */
const DOUBLED_OF_100 = 5;

/** How long one attempt may take. */
const CALL_MS = 5000;

/** How long a client keeps asking. */
const GIVE_UP_MS = 60_000;
