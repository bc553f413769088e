import { hash } from "node:crypto";
import type { ContextValues } from "@connectrpc/connect";
import { callKey } from "#mesh/idempotent-call.ts";

/**
 * A salt for the password of a request with a key. It is the same for a retry, so that a retry has
 * the same hash, and no other's: whoever has the same key and username is the retry (RFC 9106 §3.1
 * asks for a salt to be unique, not to be secret).
 */
export function saltOf(values: ContextValues, username: string): Uint8Array | undefined {
  const call = values.get(callKey);
  if (call === undefined) return undefined;
  const { principal, method, key } = call;
  const name = JSON.stringify(["salt", principal, method, key, username]);
  return hash("sha256", name, "buffer").subarray(0, 16);
}

/**
 * Does work under the key of the call with another hash of the request, made of its fields and of
 * the slow hash of its password. The usual one, which is stored for a week, would let whoever reads
 * the database guess passwords at the speed of SHA-256 (S1).
 */
export async function sealed<T>(
  values: ContextValues,
  fields: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  const call = values.get(callKey);
  if (call === undefined) return work();
  const slow = { ...call, hash: hash("sha256", JSON.stringify(fields), "buffer") };
  values.set(callKey, slow);
  try {
    return await work();
  } finally {
    call.replayed = slow.replayed;
    values.set(callKey, call);
  }
}
