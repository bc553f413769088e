import { afterAll, expect, test } from "vitest";
import { testExchange } from "../../../services/matching/testing/test-writer.ts";
import { crashTest, PLACES } from "./crash-test.ts";

// The short form of ../crash.ts.

const db = await testExchange(["ABAN-IRR", "BTC-IRR"]);
afterAll(async () => db[Symbol.asyncDispose]());

test("M36 kill -9 wherever it hurts: the restarted books are what was answered and a committed tail at most", async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const told: string[] = [];
  const say = (text: string) => void told.push(text);
  await crashTest({ db, places: PLACES, seed, say }).catch((error: unknown) => {
    throw new Error([`seed ${seed}`, ...told].join("\n"), { cause: error });
  });
  expect(told).toHaveLength(PLACES.length);
}, 120_000);
