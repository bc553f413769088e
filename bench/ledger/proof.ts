import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, openConnection } from "#mesh/database/connection.ts";
import { MAX_MIGRATION_MS } from "#mesh/limits.ts";
import { createPace } from "../../services/billing/audit/pace.ts";
import { runPass } from "../../services/billing/audit/run-pass.ts";
import { verifyChain } from "../../services/billing/seal/verify-chain.ts";

/**
 * Measures how long an audit of all transfers of a ledger takes at full speed, and how long it takes
 * to verify their seals; each for a million of them. Throws when one of them finds something, or
 * when something is never sealed.
 */
export async function measureProof(url: string, rounds: number) {
  await using connection = await openConnection({
    url,
    name: "bench",
    statementTimeoutMs: MAX_MIGRATION_MS,
  });
  const transfers = await untilSealed(connection);
  const timed = async (work: () => Promise<unknown>) => {
    const startMs = performance.now();
    await work();
    return ((performance.now() - startMs) / 1000) * (1_000_000 / transfers);
  };
  const found: Record<string, number[]> = { "audit of 1M": [], "verify of 1M": [] };
  for (let round = 0; round < rounds; round++) {
    found["audit of 1M"]!.push(await timed(async () => audit(connection)));
    found["verify of 1M"]!.push(await timed(async () => verify(connection, transfers)));
  }
  return { found, transfers };
}

/** Waits until the sealer has caught up; returns how many transfers there are. */
async function untilSealed(connection: Connection): Promise<number> {
  const endMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const [row] = await connection.query<{ last: number; sealed: number }>(
      `select last_seq as last, (select coalesce(max(last_seq), 0) from seal) as sealed
        from ledger_shard`,
    );
    const { last, sealed } = row!;
    if (last === sealed) return last;
    if (performance.now() > endMs) throw new Error(`of ${last} transfers ${sealed} were sealed`);
    await sleep(100);
  }
}

/** How long the sealer may take after the load has ended. */
const PATIENCE_MS = 60_000;

async function audit(connection: Connection): Promise<void> {
  const pace = createPace(() => true, new AbortController().signal);
  const means = { connection, shard: 0, pace, custody: [] };
  await runPass(means, { report, between: async () => {} });
}

async function verify(connection: Connection, transfers: number): Promise<void> {
  const { verifiedSeq, problem } = await verifyChain({ connection, shard: 0, keys: undefined });
  if (problem !== "" || verifiedSeq !== transfers) throw new Error(`the chain breaks: ${problem}`);
}

function report(fault: object): never {
  throw new Error(`the audit has found ${JSON.stringify(fault)}`);
}
