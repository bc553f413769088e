import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { connect } from "#mesh/database/connect.ts";
import { migrate } from "#mesh/database/migrate.ts";
import { freePorts } from "#mesh/local/ports.ts";
import { startPostgres } from "#mesh/local/postgres.ts";
import type { Tables } from "../../services/matching/store/tables.ts";
import { listMarkets } from "../../services/matching/testing/list-markets.ts";
import { randomOf } from "../kill/random.ts";
import { crashTest, PLACES } from "./crash/crash-test.ts";

// Kills writers of the exchange and checks the books after each (M36), on a database of its own for
// each eight of them: node test/matching/crash.ts --rounds 100 --seed 7

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "100" }, seed: { type: "string" } },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const say = (text: string) =>
  console.log(`${(performance.now() / 1000).toFixed(1).padStart(6)} s  ${text}`);
say(`Seed ${seed}; repeat it with --seed ${seed}.`);

await using cleanup = new AsyncDisposableStack();
const folder = mkdtempSync(join(tmpdir(), "mizan-crash-"));
cleanup.defer(() => rmSync(folder, { recursive: true, force: true }));
chmodSync(folder, 0o711); // the user of PostgreSQL has to pass
const [port] = await freePorts(1);
const server = await startPostgres({ folder: join(folder, "postgres"), port: port! });
cleanup.defer(server.abandon);

const random = randomOf(seed);
for (let left = Number(values.rounds); left > 0; left -= PLACES.length) {
  const name = `rounds_${left}`;
  await server.createDatabase(name);
  const url = server.url(name);
  const migrations = [
    "../../mesh/database/migrations/",
    "../../services/matching/store/migrations/",
  ];
  await migrate(
    url,
    migrations.map((path) => new URL(path, import.meta.url)),
  );
  await using db = connect<Tables>({ url, max: 4, name: "crash" });
  await listMarkets(db, ["ABAN-IRR", "BTC-IRR"]);
  const places = Array.from({ length: Math.min(left, PLACES.length) }, () => random.pick(PLACES));
  await crashTest({ db, places, seed: random.below(2 ** 31), say });
}
say("All restarts were what they ought to be.");
