import { expect, test } from "vitest";
import { verdictOf } from "../verdict.ts";
import { crashTest } from "./crash-test.ts";
import { openStage } from "./stage.ts";

// The short form of run.ts.

test("A1 L20 kill -9 of billing and PostgreSQL under load loses no transfer and applies none twice", async () => {
  await using stage = await openStage(2);
  const told: string[] = [];
  const seed = Math.floor(Math.random() * 2 ** 31);
  const say = (text: string) => void told.push(text);
  const plan = { billingKills: 5, postgresKills: 1, perSecond: 6000, seed, say };
  const { text, failed } = verdictOf(await crashTest(stage, plan));
  if (failed > 0) stage.keep();
  expect(failed === 0 ? "" : [`seed ${seed}`, ...told, text].join("\n")).toBe("");
}, 300_000);
