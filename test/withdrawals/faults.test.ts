import { expect, test } from "vitest";
import { randomOf } from "../kill/random.ts";
import { verdictOf } from "../kill/verdict.ts";
import { everyFault, mixedFaults } from "./fault.ts";
import { faultTest } from "./fault-test.ts";
import { openScene } from "./scene.ts";

// The short form of faults.ts.

test("A1 S02 kill -9 at every step of a withdrawal pays it once or not at all", async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const told: string[] = [];
  const say = (text: string) => void told.push(text);
  await using scene = await openScene(say);
  const findings = await faultTest(scene, {
    rounds: mixedFaults(randomOf(seed)),
    isHurried: true,
    say,
  });
  const { text, failed } = verdictOf(findings);
  if (failed > 0) scene.keep();
  expect(failed === 0 ? "" : [`seed ${seed}`, ...told, text].join("\n")).toBe("");
}, 420_000);

test("every step and every process is among the faults that are played here", () => {
  const chosen = mixedFaults(randomOf(7)).flat();
  const of = (faults: typeof chosen, part: "step" | "victim") =>
    new Set(faults.map((fault) => fault[part]).filter(Boolean));
  expect(of(chosen, "step")).toEqual(of([...everyFault], "step"));
  expect(of(chosen, "victim")).toEqual(of([...everyFault], "victim"));
});
