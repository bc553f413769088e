import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { ACCESS_TOKEN_LIFE_S } from "#mesh/limits.ts";
import { homeFolder, readDevFile } from "./platform/dev-file.ts";
import { ghzFile, readSeed, seedFile, writeGhz, writeSeed } from "./seed/file.ts";
import { ghzConfig } from "./seed/ghz.ts";
import { fillPoolUpTo, seedMerchants, signIn } from "./seed/merchants.ts";

// Makes merchants for load tests on the running stack: npm run seed -- merchants 1000
// Development only: it writes to the database of core and signs with everybody's keys.

const MOST = 100_000;
const usage = "Usage: npm run seed -- merchants <count> [--credit 1000] [--pool 5000000]";
const options = {
  credit: { type: "string", default: "1000" },
  pool: { type: "string", default: "5000000" },
} as const;

try {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [what, number = ""] = positionals;
  const count = Number(number);
  const isCount = Number.isInteger(count) && count >= 1 && count <= MOST;
  if (what !== "merchants" || !isCount) throw new Error(`${usage}\nAt most ${MOST} merchants.`);
  const home = homeFolder();
  const dev = readStack(home);
  const password = readSeed(home)?.password ?? randomBytes(18).toString("base64url");
  const merchants = await seedMerchants(dev, { count, credit: values.credit, password });
  const pool = await fillPoolUpTo(dev, values.pool);
  const expiresAt = new Date(Date.now() + ACCESS_TOKEN_LIFE_S * 1000).toISOString();
  const people = await signIn(dev, merchants);
  writeSeed(home, { origin: dev.origin, expiresAt, password, merchants: people });
  writeGhz(home, await ghzConfig(dev, people));
  console.log(`${count} merchants may use ${values.credit} IRR each; the pool has ${pool} IRR.`);
  console.log(`Their access tokens, good until ${expiresAt}, are in ${seedFile(home)}.`);
  console.log(`Within a minute, for a load of withdrawals: ghz --config ${ghzFile(home)}`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

function readStack(home: string) {
  try {
    return readDevFile(home);
  } catch {
    throw new Error("No stack runs here: npm start, in another terminal.");
  }
}
