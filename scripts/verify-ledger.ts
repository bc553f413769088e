// npm run verify -- --database URL [--key jwks.json] [--witness URL] [--shard 0]: makes the hash
// chain of a ledger anew from its database, which may be a restored backup, and says whether it
// holds. The keys prove the signed heads, and the witness is the database of core, which has kept
// them. It needs nothing but the right to read. The code is 0 when the chain holds, 1 when it is
// broken, and 2 when nothing could be verified.
import { parseArgs } from "node:util";
import { openConnection } from "#mesh/database/connection.ts";
import { readKeys } from "#mesh/token-keys.ts";
import type { Verdict } from "../services/billing/domain/chain.ts";
import { verifyChain } from "../services/billing/seal/verify-chain.ts";

const options = {
  database: { type: "string" },
  key: { type: "string" },
  witness: { type: "string" },
  shard: { type: "string", default: "0" },
} as const;

try {
  const { database, key, witness, shard } = parseArgs({ options }).values;
  if (database === undefined) throw new Error("--database is missing");
  const keys = key === undefined ? undefined : readKeys(key);
  await using connections = new AsyncDisposableStack();
  const open = async (url: string) =>
    connections.use(await openConnection({ url, name: "verify" }));
  const [connection, core] = [await open(database), witness && (await open(witness))];
  const startMs = performance.now();
  const toVerify = { connection, shard: Number(shard), keys, ...(core && { witness: core }) };
  const verdict = await verifyChain(toVerify, showProgress());
  const lines = describe(verdict, { key, seconds: (performance.now() - startMs) / 1000 });
  console.log(lines.join("\n"));
  process.exitCode = verdict.problem === "" ? 0 : 1;
} catch (error) {
  console.error(`Nothing could be verified: ${(error as Error).message}`);
  console.error("Usage: npm run verify -- --database URL [--key jwks.json] [--witness URL]");
  process.exitCode = 2;
}

/** Shows people how far it is, once in a while. */
function showProgress(): (seq: number) => void {
  let shownMs = performance.now();
  return (seq) => {
    if (!process.stderr.isTTY || performance.now() - shownMs < 1000) return;
    shownMs = performance.now();
    process.stderr.write(`\rat transfer ${seq} `);
  };
}

type Circumstances = { readonly key: string | undefined; readonly seconds: number };

function describe(verdict: Verdict, { key, seconds }: Circumstances): string[] {
  const { problem, verifiedSeq, firstBrokenSeq, headHash, unsealed } = verdict;
  const { signedHead, unprovenHeads } = verdict;
  const perSecond = Math.round((firstBrokenSeq || verifiedSeq) / seconds);
  const none = key === undefined ? "no keys were given" : `their keys are not in ${key}`;
  return [
    problem === "" ? "The chain holds." : `The chain is broken: ${problem}`,
    ...(firstBrokenSeq > 0 ? [`first broken transfer: ${firstBrokenSeq}`] : []),
    `verified up to transfer ${verifiedSeq}, hash ${headHash}`,
    ...(unsealed > 0 ? [`not sealed yet: ${unsealed} transfers`] : []),
    signedHead === undefined
      ? "no signed head was compared"
      : `signed heads compared up to transfer ${signedHead.seq}, key ${signedHead.keyId}`,
    ...(unprovenHeads > 0 ? [`signatures not verified: ${unprovenHeads}, since ${none}`] : []),
    `${seconds.toFixed(1)} s, ${perSecond} transfers a second`,
  ];
}
