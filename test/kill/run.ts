import { parseArgs } from "node:util";
import { temporaryStack } from "../../scripts/platform/temporary-stack.ts";
import { killTest, shortTimes } from "./kill-test.ts";
import { verdictOf } from "./verdict.ts";

// Kills every process of a stack under load, again and again, and checks what is left:
// node test/kill/run.ts --rounds 5 --texts 20000 --seed 7 [--json]

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    texts: { type: "string", default: "20000" },
    seed: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const say = (text: string) =>
  console.log(`${(performance.now() / 1000).toFixed(1).padStart(6)} s  ${text}`);

say(`Seed ${seed}; repeat it with --seed ${seed}.`);
await using temporary = await temporaryStack({ say, env: shortTimes });
const [rounds, texts] = [Number(values.rounds), Number(values.texts)];
const load = { workers: 8, maxPauseMs: 600 };
const findings = await killTest(temporary, { rounds, texts, seed, load, say });
const { text, failed } = verdictOf(findings);
if (failed > 0) {
  temporary.keep();
  say(`The logs and databases stay in ${temporary.current().home}.`);
  process.exitCode = 1;
}
say(text);
if (values.json) {
  const passed = findings.size - failed;
  say(JSON.stringify({ seed, passed, failed, skipped: 0, findings: Object.fromEntries(findings) }));
}
