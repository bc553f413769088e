import { createPublicKey, verify } from "node:crypto";
import type { TokenKey } from "./token-keys.ts";

/** Bytes with the signature under them. */
export type Signed = {
  readonly service: string;
  readonly keyId: string;
  readonly bytes: Uint8Array;
  /** Ed25519. */
  readonly signature: Uint8Array;
};

/** Whether a service has signed bytes with one of its keys; undefined when that key isn't known. */
export function isSigned(keys: readonly TokenKey[], signed: Signed): boolean | undefined {
  const { service, keyId, bytes, signature } = signed;
  const known = keys.find((key) => key.kid === keyId && key.service === service);
  if (known === undefined) return undefined;
  return verify(null, bytes, createPublicKey({ key: known, format: "jwk" }), signature);
}
