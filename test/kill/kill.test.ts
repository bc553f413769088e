import { expect, test } from "vitest";
import { temporaryStack } from "../../scripts/platform/temporary-stack.ts";
import { killTest, shortTimes } from "./kill-test.ts";
import { verdictOf } from "./verdict.ts";

// The short form of run.ts: every process is killed once.

test("A1 kill -9 of any process loses nothing and applies nothing twice", async () => {
  await using temporary = await temporaryStack({ say: () => undefined, env: shortTimes });
  const told: string[] = [];
  const seed = Math.floor(Math.random() * 2 ** 31);
  const say = (text: string) => void told.push(text);
  const load = { workers: 3, maxPauseMs: 1200 }; // more would keep the machine from healing
  const options = { rounds: 1, texts: 2000, seed, load, say };
  const { text, failed } = verdictOf(await killTest(temporary, options));
  if (failed > 0) temporary.keep();
  expect(failed === 0 ? "" : [`seed ${seed}`, ...told, text].join("\n")).toBe("");
}, 420_000);
