import type { Rule } from "../../simulators/magfa/script.ts";

/**
 * What the provider is told to do with numbers, by how they begin. A provider that was killed has
 * forgotten it and delivers everything, until it is told again.
 */
export const textScript: readonly Rule[] = [
  { prefix: "98935", receiptStatus: 16 }, // not reached the operator
  { prefix: "98936", status: 27 }, // refused at once
  { prefix: "98937", receiptStatus: 2 }, // not reached the phone
  { prefix: "98914", fault: "lost" }, // accepted, and the answer of the whole call is lost
];

/** The numbers that usually get their texts, and those of the script. */
export const usualPrefix = "98912";
export const scriptedPrefixes = ["98935", "98936", "98937", "98914"];

/** The states that a text to a number may end in. */
export function endsOf(receiver: string): readonly string[] {
  return ["DELIVERED", ...(scriptedEnds.get(receiver.slice(0, 5)) ?? [])];
}

const scriptedEnds = new Map([
  ["98935", ["FAILED"]],
  ["98936", ["FAILED"]],
  ["98937", ["UNDELIVERED"]],
]);
