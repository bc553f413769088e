import { expect, test } from "vitest";
import { CLIENT_KEY_KEPT_MS, MAX_RECENT_CLIENT_KEYS } from "#mesh/limits.ts";
import { ClientKeys } from "./client-keys.ts";
import { ACCOUNT, CommandRecord, KEY, MARKET, ORDER } from "./command-record.ts";

const row = 32;

test("a key is taken while its order lives and for a day after", () => {
  const keys = new ClientKeys();
  const record = orderWithKey(7);
  const added = keys.add(record, row, 1000);
  expect(keys.isTaken(keys.find(record), 10 * CLIENT_KEY_KEPT_MS)).toBe(true);
  expect(keys.hasEnded(record.words, ORDER, 1000)).toBe(false);
  keys.end(added, 2000);
  const lastMs = 2000 + CLIENT_KEY_KEPT_MS - 1;
  expect(keys.isTaken(keys.find(record), lastMs)).toBe(true);
  expect(keys.hasEnded(record.words, ORDER, lastMs)).toBe(true);
  expect(keys.isTaken(keys.find(record), lastMs + 1)).toBe(false);
  expect(keys.hasEnded(record.words, ORDER, lastMs + 1)).toBe(false);
  keys.validate(0);
});

test("a key belongs to an account in a market", () => {
  const keys = new ClientKeys();
  keys.add(orderWithKey(7), row, 0);
  for (const word of [ACCOUNT, MARKET, KEY, KEY + 1]) {
    const other = orderWithKey(7);
    other.words[word]!++;
    expect(keys.find(other)).toBe(0);
  }
});

test("a key that is free again goes to the next order, and the older ones are forgotten", () => {
  const keys = new ClientKeys();
  for (let key = 1; key <= 100; key++) keys.end(keys.add(orderWithKey(key), row, key), key);
  const again = keys.add(orderWithKey(50), row, CLIENT_KEY_KEPT_MS + 50);
  expect(keys.rows.count).toBe(51);
  expect(keys.find(orderWithKey(50))).toBe(again);
  keys.validate(1);
});

test("of too many keys the oldest are forgotten before their day is over", () => {
  const keys = new ClientKeys();
  const record = orderWithKey(0);
  for (let key = 1; key <= MAX_RECENT_CLIENT_KEYS + 2; key++) {
    record.words[KEY] = key;
    record.words[ORDER] = key;
    keys.end(keys.add(record, row, 0), 0);
  }
  expect(keys.rows.count).toBe(MAX_RECENT_CLIENT_KEYS);
  expect(keys.find(orderWithKey(2))).toBe(0);
  expect(keys.find(orderWithKey(3))).not.toBe(0);
});

function orderWithKey(key: number): CommandRecord {
  const record = new CommandRecord();
  record.words[ACCOUNT] = 1;
  record.words[MARKET] = 2;
  record.words[KEY] = key;
  record.words[ORDER] = key;
  return record;
}
