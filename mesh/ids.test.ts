import { expect, test } from "vitest";
import {
  bucketOf,
  bytesOf,
  derivedId,
  hexFromBytes,
  hexOf,
  newId,
  uuidOf,
  ZERO_ID,
} from "./ids.ts";

test("new ids are UUIDs of version 7, each another", () => {
  const ids = Array.from({ length: 1000 }, newId);
  expect(new Set(ids).size).toBe(1000);
  expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("ACC-6 the id of an account is the first half of the SHA-256 of its path", () => {
  // printf 'account/user/42/available/USDT' | sha256sum
  expect(derivedId("account/user/42/available/USDT")).toBe("51f1e798026a011960885d5bb5a121ee");
});

test("an id keeps its value in every form", () => {
  const id = newId();
  expect(uuidOf(hexOf(id))).toBe(id);
  expect(hexFromBytes(bytesOf(hexOf(id)))).toBe(hexOf(id));
  expect(hexFromBytes(new Uint8Array())).toBe(ZERO_ID);
});

test("ids spread over all sixteen buckets", () => {
  const buckets = new Set(Array.from({ length: 1000 }, () => bucketOf(newId())));
  expect([...buckets].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => i));
});
