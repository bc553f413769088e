import { parseArgs } from "node:util";
import { verdictOf } from "../verdict.ts";
import { crashTest } from "./crash-test.ts";
import { openStage } from "./stage.ts";

// Kills billing and its PostgreSQL under a load of transfers and checks the books afterwards:
// node test/kill/ledger/run.ts --billing 100 --postgres 20 --processes 2 --rate 10000 --seed 7

const { values } = parseArgs({
  options: {
    billing: { type: "string", default: "100" },
    postgres: { type: "string", default: "20" },
    processes: { type: "string", default: "2" },
    rate: { type: "string", default: "10000" },
    seed: { type: "string" },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const say = (text: string) =>
  console.log(`${(performance.now() / 1000).toFixed(1).padStart(6)} s  ${text}`);

say(`Seed ${seed}; repeat it with --seed ${seed}.`);
await using stage = await openStage(Number(values.processes));
const [billingKills, postgresKills] = [Number(values.billing), Number(values.postgres)];
const perSecond = Number(values.rate);
const findings = await crashTest(stage, { billingKills, postgresKills, perSecond, seed, say });
const { text, failed } = verdictOf(findings);
if (failed > 0) {
  stage.keep();
  say(`The logs and databases stay in ${stage.home}.`);
  process.exitCode = 1;
}
say(text);
