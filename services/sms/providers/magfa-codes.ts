import type { Outcome, ProviderReceipt } from "./provider.ts";

/** What Magfa's code for a text that was not accepted means; the codes are HTTP v2's. */
export function refusalOf(code: string): Outcome {
  const failure = failures[code];
  if (failure !== undefined) return { kind: "PERMANENT_MESSAGE", failure, code };
  return { kind: kinds.get(code) ?? "UNLISTED", code };
}

/**
 * What Magfa's code for a whole call means. One about a recipient does not say which it is, so it
 * condemns a text only where that was alone.
 */
export function callRefusalOf(code: string, texts: number): Outcome {
  return texts > 1 && code in failures ? { kind: "UNLISTED", code } : refusalOf(code);
}

/** What Magfa's status of an accepted text means; undefined where it says nothing. */
export function stateOf(status: string): ProviderReceipt["state"] | undefined {
  return states[status];
}

const failures: Readonly<
  Record<string, "INVALID_NUMBER" | "OPERATOR_BLACKLIST" | "PREFIX_BLOCKED">
> = {
  1: "INVALID_NUMBER",
  27: "OPERATOR_BLACKLIST",
  28: "PREFIX_BLOCKED",
};

const kinds = new Map<string, "PERMANENT_REQUEST" | "PARK" | "PARK_NO_CREDIT" | "BUSY">([
  // encoding, class, header, empty, too many parts, not JSON, then arrays that don't fit
  ...[3, 4, 6, 13, 30, 31].map((code) => [`${code}`, "PERMANENT_REQUEST"] as const),
  ...[101, 102, 103, 104, 105].map((code) => [`${code}`, "PERMANENT_REQUEST"] as const),
  ...[106, 107, 108, 109, 110].map((code) => [`${code}`, "PERMANENT_REQUEST"] as const),
  // sender, account disabled, expired, password, account, sender's owner, service, address
  ...[2, 16, 17, 18, 19, 20, 22, 29].map((code) => [`${code}`, "PARK"] as const),
  ["14", "PARK_NO_CREDIT"],
  ["15", "BUSY"],
  ["23", "BUSY"],
]);

/** 0 is not known yet; -1 and 24 are not known, or not any more after a day. */
const states: Readonly<Record<string, ProviderReceipt["state"]>> = {
  1: "DELIVERED",
  2: "UNDELIVERED",
  8: "SENT",
  16: "FAILED",
};
