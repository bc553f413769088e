import { parseArgs } from "node:util";
import { randomOf } from "../kill/random.ts";
import { verdictOf } from "../kill/verdict.ts";
import { mixedFaults, singleFaults } from "./fault.ts";
import { faultTest } from "./fault-test.ts";
import { race } from "./race.ts";
import { openScene } from "./scene.ts";

// Kills every process at every step of withdrawals, and lets many callers race for the last unit:
// node test/withdrawals/faults.ts --rounds 3 --races 1000 --seed 7 [--json]

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "1" },
    races: { type: "string", default: "1000" },
    seed: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const say = (text: string) =>
  console.log(`${(performance.now() / 1000).toFixed(1).padStart(6)} s  ${text}`);

say(`Seed ${seed}; repeat it with --seed ${seed}.`);
const random = randomOf(seed);
await using scene = await openScene(say);
const all = Array.from({ length: Number(values.rounds) }, () => [
  ...singleFaults(random),
  ...mixedFaults(random),
]);
const findings = new Map(await faultTest(scene, { rounds: all.flat(), say }));
if (Number(values.races) > 0) {
  const racers = await Promise.all(
    Array.from({ length: 10 }, async () => scene.people.merchant("1.00")),
  );
  const options = { rounds: Number(values.races), callers: 50 };
  const { violations } = await race(scene.people, racers, options);
  findings.set("of 50 callers for the last unit exactly one was paid, in every round", violations);
}
const { text, failed } = verdictOf(findings);
if (failed > 0) {
  scene.keep();
  process.exitCode = 1;
}
say(text);
if (values.json) {
  const passed = findings.size - failed;
  say(JSON.stringify({ seed, passed, failed, skipped: 0, findings: Object.fromEntries(findings) }));
}
