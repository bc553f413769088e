import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openConnection } from "#mesh/database/connection.ts";
import { freePorts } from "#mesh/local/ports.ts";
import { startNode } from "../../scripts/platform/node-process.ts";
import type { DevFile } from "../../scripts/platform/dev-file.ts";
import type { Trader } from "./traders.ts";

/** The baseline beside the platform, in the same PostgreSQL. */
export type Classic = AsyncDisposable & {
  /** The stack with the baseline in the place of matching. */
  readonly dev: DevFile;
  readonly pid: number;
  /** Throws unless what all have together is what they began with. */
  readonly verify: () => Promise<void>;
};

/** Makes the tables of the baseline in the database of matching, and starts its process. */
export async function openClassic(dev: DevFile, traders: readonly Trader[]): Promise<Classic> {
  const url = dev.databases["matching"]!;
  await using opened = new AsyncDisposableStack();
  const db = opened.use(await openConnection({ url, name: "bench" }));
  await db.query(readFileSync(new URL("classic/classic.sql", import.meta.url), "utf8"));
  const ids = traders.map(({ id }) => id);
  const fund =
    "insert into classic.balance select id, asset, $2 from unnest($1::uuid[]) id, " +
    "unnest('{ABAN,USDT}'::text[]) asset";
  await db.query(fund, [ids, FUNDS_MINOR]);
  const [port] = await freePorts(1);
  const child = opened.use(
    await startNode({
      script: "bench/orders/classic/main.ts",
      env: { DATABASE_URL: url, CERTS: dev.certs, PORT: String(port) },
      openLog: () => openSync(join(tmpdir(), "mizan-bench-classic.log"), "w"),
    }),
  );
  await listening(port!);
  const resources = opened.move();
  return {
    dev: { ...dev, grpc: { ...dev.grpc, matching: `127.0.0.1:${port}` } },
    pid: child.pid,
    verify: async () => {
      const rows = await db.query<{ asset: string; sum: string }>(totals);
      for (const { asset, sum } of rows) {
        if (BigInt(sum) === FUNDS_MINOR * BigInt(ids.length)) continue;
        throw new Error(`the baseline has ${sum} minor units of ${asset}`);
      }
    },
    [Symbol.asyncDispose]: async () => resources.disposeAsync(),
  };
}

/** What a trader has of each asset in the baseline, in its minor units. */
const FUNDS_MINOR = 1_000_000_000_000n;

/** Fees are entries that nobody has got. */
const totals = `
  select asset, (sum(available + held) + coalesce((
    select -sum(amount) from classic.entry where entry.asset = balance.asset), 0))::text as sum
  from classic.balance group by asset`;

async function listening(port: number): Promise<void> {
  for (let left = 100; left > 0; left -= 1) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await once(socket, "connect").catch(() => undefined);
    socket.destroy();
    if (isOpen !== undefined) return;
    await sleep(100);
  }
  throw new Error("the baseline does not start");
}
