import { parseArgs } from "node:util";
import { compareRun } from "../../services/matching/testing/compare-run.ts";

// Compares the fast order book with the naive one for as long as a night is:
// node test/matching/differential.ts --runs 1000000 --seed 1 --count 500
const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "20000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
    count: { type: "string", default: "500" },
  },
});
const [runs, first, count] = [Number(values.runs), Number(values.seed), Number(values.count)];
const REPORT_EVERY = 1000;

console.log(`${runs} runs of ${count} commands from seed ${first} on`);
for (let run = 0; run < runs; run++) {
  try {
    compareRun({ seed: first + run, count });
  } catch (error) {
    console.error(`seed ${first + run} differs`);
    throw error;
  }
  if ((run + 1) % REPORT_EVERY === 0) console.log(`${run + 1} runs are equal`);
}
