import { readFileSync } from "node:fs";
import { openSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "#mesh/local/ports.ts";
import { toMinor } from "#mesh/money.ts";
import { startNode } from "../../scripts/platform/node-process.ts";
import { CREDIT, type Platform, POOL } from "./platform.ts";
import type { Target } from "./target.ts";

/** The baseline beside the platform: the same PostgreSQL, the other of its simulated banks. */
export type Classic = AsyncDisposable & {
  readonly target: Target;
  readonly pid: number;
  /** How many withdrawals its bank has paid. */
  readonly paid: () => Promise<number>;
};

/** Makes the tables of the baseline in the database of core, and starts its process. */
export async function openClassic({ dev, core, ids, target }: Platform): Promise<Classic> {
  await core.query(readFileSync(new URL("classic/classic.sql", import.meta.url), "utf8"));
  const credit = toMinor(CREDIT, 2);
  await core.query("insert into classic.merchant select unnest($1::uuid[]), $2", [ids, credit]);
  await core.query("insert into classic.pool values (1, $1)", [toMinor(POOL, 2)]);
  const [port] = await freePorts(1);
  const banks = JSON.parse(readFileSync(join(dev.certs, "../simulators/banks.json"), "utf8"));
  const { url, key } = (banks as { url: string; key: string }[])[1]!;
  const child = await startNode({
    script: "bench/withdrawals/classic/main.ts",
    env: {
      DATABASE_URL: dev.databases["core"]!,
      CERTS: dev.certs,
      PORT: String(port),
      BANK_URL: url,
      BANK_KEY: key,
    },
    openLog: () => openSync(join(tmpdir(), "mizan-bench-classic.log"), "w"),
  });
  await listening(port!);
  return {
    target: { port: port!, headers: target.headers },
    pid: child.pid,
    paid: async () => {
      const [row] = await core.query<{ count: number }>(
        "select count(*) as count from classic.withdrawal where state = 'SUCCEEDED'",
      );
      return row!.count;
    },
    [Symbol.asyncDispose]: async () => child[Symbol.asyncDispose](),
  };
}

async function listening(port: number): Promise<void> {
  for (let left = 100; left > 0; left -= 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
    if (answer !== undefined) return;
    await sleep(100);
  }
  throw new Error("the baseline does not start");
}
