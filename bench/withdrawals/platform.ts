import { setTimeout as sleep } from "node:timers/promises";
import { CreditService } from "#gen/mizan/billing/v1/credit_service_pb.ts";
import { type Connection, openConnection } from "#mesh/database/connection.ts";
import { toMinor } from "#mesh/money.ts";
import type { DevFile } from "../../scripts/platform/dev-file.ts";
import { inside } from "../../scripts/platform/inside.ts";
import { outside } from "../../scripts/platform/outside.ts";
import { temporaryStack } from "../../scripts/platform/temporary-stack.ts";
import { fillPoolUpTo, seedMerchants, signIn } from "../../scripts/seed/merchants.ts";
import type { Target } from "./target.ts";

/** The platform as `npm start` has it, with merchants who withdraw 1.00 each time. */
export type Platform = AsyncDisposable & {
  readonly dev: DevFile;
  readonly core: Connection;
  readonly ids: readonly string[];
  readonly target: Target;
  /** Signs everybody in anew: access tokens live ten minutes. */
  readonly renew: () => Promise<void>;
  /** Waits until no withdrawal is under way; throws after a minute without a step. */
  readonly settled: () => Promise<void>;
  /**
   * Compares credit, pool and banks with the withdrawals; throws when they differ (L13). Others may
   * have had the banks pay too.
   */
  readonly verify: (paidForOthers: number) => Promise<void>;
};

/** How many merchants there are, what each may use and what the pool has, in IRR. */
export const MERCHANTS = 1000;
export const CREDIT = "1000.00";
export const POOL = "5000000.00";

/** Boots a platform of its own, and merchants. */
export async function openPlatform(): Promise<Platform> {
  await using opened = new AsyncDisposableStack();
  const env = { LOG_LEVEL: "error" };
  const stack = opened.use(await temporaryStack({ say: () => {}, env }));
  const dev = stack.current().describe();
  const wanted = { count: MERCHANTS, credit: CREDIT, password: "correct horse battery" };
  const merchants = await seedMerchants(dev, wanted);
  await fillPoolUpTo(dev, POOL);
  const core = opened.use(await openConnection({ url: dev.databases["core"]!, name: "bench" }));
  const headers: string[] = [];
  const renew = async () => {
    const signed = await signIn(dev, merchants);
    headers.splice(0, headers.length, ...signed.map(({ token }) => bearer(token)));
  };
  await renew();
  const ids = merchants.map(({ id }) => id);
  const resources = opened.move();
  return {
    dev,
    core,
    ids,
    target: { port: Number(new URL(dev.origin).port), headers },
    renew,
    settled: async () => settled(core),
    verify: async (paidForOthers) => verify({ dev, core, ids }, paidForOthers),
    [Symbol.asyncDispose]: async () => resources.disposeAsync(),
  };
}

function bearer(token: string): string {
  return `authorization: Bearer ${token}\r\n`;
}

async function settled(core: Connection): Promise<void> {
  let left = Infinity;
  for (let changedMs = performance.now(); left > 0; await sleep(250)) {
    const [row] = await core.query<{ open: number }>(
      "select count(*) as open from withdrawal where due_at is not null",
    );
    if (row!.open !== left) changedMs = performance.now();
    left = row!.open;
    if (performance.now() > changedMs + PATIENCE_MS) throw new Error(`${left} are stuck`);
  }
}

async function verify(
  { dev, core, ids }: Pick<Platform, "dev" | "core" | "ids">,
  paidForOthers: number,
): Promise<void> {
  const states = await core.query<{ state: string; count: number; sum: string }>(
    "select state, count(*) as count, sum(amount)::text as sum from withdrawal group by state",
  );
  const paid = states.find(({ state }) => state === "SUCCEEDED") ?? { count: 0, sum: "0" };
  if (states.length > 1) throw new Error(`not all have succeeded: ${states.map(text).join()}`);
  const { accessToken } = await outside(dev.origin).users.login(dev.admin);
  const { pool } = await outside(dev.origin, accessToken).credit.getPool({});
  const [available, held] = [pool!.available!, pool!.held!].map(({ amount }) => toMinor(amount, 2));
  expect("the pool", available!, toMinor(POOL, 2) - BigInt(paid.sum));
  expect("what is held of it", held!, 0n);
  using calls = inside(dev, "core");
  const credits = calls.of(CreditService);
  let utilized = 0n;
  for (const merchantId of ids) {
    const { credit } = await credits.getCredit({ merchantId });
    expect("what a merchant holds", toMinor(credit!.held!.amount, 2), 0n);
    utilized += toMinor(credit!.utilized!.amount, 2);
  }
  expect("what merchants have utilized", utilized, BigInt(paid.sum));
  const banks = await Promise.all(["bank", "bank-second"].map(async (name) => received(dev, name)));
  const payments = banks.map(({ statuses }) => statuses["COMPLETED"] ?? 0);
  expect(
    "the payments of the banks",
    BigInt(payments[0]! + payments[1]!),
    BigInt(paid.count + paidForOthers),
  );
}

function expect(what: string, is: bigint, wanted: bigint): void {
  if (is !== wanted) throw new Error(`${what}: ${is}, and not ${wanted}`);
}

const text = ({ state, count }: { state: string; count: number }) => `${count} ${state}`;

async function received({ simulators }: DevFile, name: string) {
  const url = `${simulators[name]}/control/received?limit=1`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(60_000) });
  return (await answer.json()) as { statuses: Record<string, number> };
}

const PATIENCE_MS = 60_000;
