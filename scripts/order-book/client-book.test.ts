import { expect, test } from "vitest";
import { checksumOf, clientBook } from "./client-book.ts";

const level = (price: string, size: string) => ({ price, size });
const checked = (asks: [string, string][], bids: [string, string][]) =>
  checksumOf(
    asks.map(([price, size]) => level(price, size)),
    bids.map(([price, size]) => level(price, size)),
  );

test("matching M32 what is known is dropped, what follows is applied, and a gap is noticed", () => {
  const book = clientBook();
  const snapshot = { sequence: "160", bids: [level("9.9", "1"), level("9.8", "2")], asks: [] };
  const all = checked(
    [],
    [
      ["9.9", "1"],
      ["9.8", "2"],
    ],
  );
  expect(book.take({ snapshot: { ...snapshot, checksum: all } })).toBe("applied");
  const delta = (firstSequence: string, sequence: string, checksum = 0) => ({
    delta: { firstSequence, sequence, bids: [level("9.9", "0")], checksum },
  });
  expect(book.take(delta("157", "160"))).toBe("known");
  expect(book.bids()).toHaveLength(2);
  expect(book.take(delta("161", "163", checked([], [["9.8", "2"]])))).toBe("applied");
  expect(book.bids()).toEqual([level("9.8", "2")]);
  expect(book.take(delta("166", "168", checked([], [["9.8", "2"]])))).toBe("gap");
  expect(book.sequence()).toBe(163n);
});

test("a book that is not the one of the service is noticed, and so is a sign of life beyond it", () => {
  const book = clientBook();
  expect(book.take({ heartbeat: { sequence: "7", count: "1" } })).toBe("known");
  expect(book.take({ snapshot: { sequence: "5" } })).toBe("applied");
  expect(book.take({ heartbeat: { sequence: "5", count: "1" } })).toBe("known");
  expect(book.take({ heartbeat: { sequence: "6", count: "2" } })).toBe("gap");
  const wrong = { firstSequence: "6", sequence: "6", asks: [level("10.1", "3")], checksum: 1 };
  expect(book.take({ delta: wrong })).toBe("gap");
});

test("levels are in the order of their prices, whatever the order of their texts", () => {
  const book = clientBook();
  const levels = ["9.50", "10.00", "100.00", "9.75"].map((price) => level(price, "1"));
  book.take({ snapshot: { sequence: "1", bids: levels, asks: levels } });
  const prices = ["9.50", "9.75", "10.00", "100.00"];
  expect(book.asks().map(({ price }) => price)).toEqual(prices);
  expect(book.bids().map(({ price }) => price)).toEqual(prices.toReversed());
});
