import { parseArgs } from "node:util";
import { randomOf } from "../../kill/random.ts";
import { verdictOf } from "../../kill/verdict.ts";
import { mixedFaults, singleFaults } from "./fault.ts";
import { faultTest } from "./fault-test.ts";
import { openScene } from "./scene.ts";

// Kills matching and all that it depends on at every step of a batch, while people trade:
// node test/matching/faults/faults.ts --rounds 3 --seed 7 [--short] [--json]

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "1" },
    seed: { type: "string" },
    short: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const say = (text: string) =>
  console.log(`${(performance.now() / 1000).toFixed(1).padStart(6)} s  ${text}`);

say(`Seed ${seed}; repeat it with --seed ${seed}.`);
const random = randomOf(seed);
await using scene = await openScene(say, random);
const rounds = Array.from({ length: Number(values.rounds) }, () =>
  values.short ? mixedFaults(random) : singleFaults(random),
);
const findings = await faultTest(scene, { rounds: rounds.flat(), random, say });
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
