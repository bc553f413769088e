import { createPrivateKey, type X509Certificate } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { certificatesOf, type Identity, serviceName } from "./tls.ts";

/**
 * Reads {service}.crt, {service}.key, ca.crt and denied.json of a folder, and throws unless the
 * pair, the chain, the dates, the name and the key's mode are right (G18, G22, S15).
 */
export function readIdentity(folder: string, service: string): IdentityFiles {
  const keyFile = join(folder, `${service}.key`);
  const authority = readFileSync(join(folder, "ca.crt"), "utf8");
  const certificate = readFileSync(join(folder, `${service}.crt`), "utf8");
  const key = readFileSync(keyFile, "utf8");
  const denied = readDenied(join(folder, "denied.json"));
  const [leaf] = certificatesOf(certificate);
  if (leaf === undefined) throw new Error("there is no certificate in the file");
  if ((statSync(keyFile).mode & 0o007) !== 0) throw new Error("everyone can read the key");
  if (!leaf.checkPrivateKey(createPrivateKey(key))) throw new Error("the key is of another pair");
  const used = lifeUsedOf(leaf);
  if (!(used >= 0 && used < 1)) throw new Error("the certificate is not valid now");
  if (serviceName({ subjectaltname: leaf.subjectAltName ?? "" }) !== service) {
    throw new Error(`the certificate is not that of ${service}`);
  }
  const known = certificatesOf(authority);
  const chain = certificatesOf(certificate).slice(1);
  if (![...chain, ...known].some((one) => leaf.checkIssued(one) && leaf.verify(one.publicKey))) {
    throw new Error("the certificate is of another authority");
  }
  const text = JSON.stringify([authority, certificate, key, [...denied]]);
  return { authority, certificate, key, leaf, denied, text };
}

function readDenied(file: string): ReadonlySet<string> {
  if (!existsSync(file)) return new Set();
  const denied: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (!Array.isArray(denied)) throw new Error("denied.json is no list");
  return new Set(denied.map(String));
}

/** The part of a certificate's life that has passed; below 0 or above 1 it is not valid. */
export function lifeUsedOf({ validFromDate, validToDate }: X509Certificate): number {
  const [from, to] = [validFromDate.getTime(), validToDate.getTime()];
  return (Date.now() - from) / (to - from);
}

/** An identity and what belongs to it. */
export type IdentityFiles = Identity & {
  readonly leaf: X509Certificate;
  /** The SHA-256 fingerprints of revoked certificates. */
  readonly denied: ReadonlySet<string>;
  /** All of it, to see a change. */
  readonly text: string;
};
