import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Authority, createAuthority, issue } from "./authority.ts";
import { AUTHORITY_LIFE_MS, CERTIFICATE_LIFE_MS } from "./limits.ts";
import { certificatesOf } from "./tls.ts";
import { ensureTokenKeys } from "./token-keys.ts";
import { writePrivately } from "./write-privately.ts";

/**
 * Puts into a folder what the services of a machine prove themselves with: ca.crt and ca.key, a
 * certificate and a key for each service, and the keys of their tokens. What is there and has more
 * than a third of its life left stays; the rest is made anew. For development only.
 */
export async function ensureCertificates(
  folder: string,
  services: readonly string[],
  nowMs: number = Date.now(),
): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const authority = await ensureAuthority(folder, nowMs);
  for (const service of services) {
    if (isFresh(folder, service, { authority, nowMs })) continue;
    const made = await issue(authority, { service, ...lifetime(nowMs, CERTIFICATE_LIFE_MS) });
    writePrivately(join(folder, `${service}.key`), made.key);
    writePrivately(join(folder, `${service}.crt`), made.certificate);
  }
  await ensureTokenKeys(folder, services);
}

/** Finds or makes the authority. An old one stays trusted until its certificates are gone (G21). */
async function ensureAuthority(folder: string, nowMs: number): Promise<Authority> {
  const [certificateFile, keyFile] = [join(folder, "ca.crt"), join(folder, "ca.key")];
  const bundle = existsSync(certificateFile) ? readFileSync(certificateFile, "utf8") : "";
  const known = certificatesOf(bundle).filter(({ validToDate }) => validToDate.getTime() > nowMs);
  const [newest] = known;
  if (newest !== undefined && hasLife(newest, nowMs) && existsSync(keyFile)) {
    return { certificate: newest.toString(), key: readFileSync(keyFile, "utf8") };
  }
  const { notBefore, notAfter } = lifetime(nowMs, AUTHORITY_LIFE_MS);
  const made = await createAuthority(notBefore, notAfter);
  writePrivately(keyFile, made.key);
  writePrivately(certificateFile, [made.certificate, ...known].join("\n"));
  return made;
}

function isFresh(
  folder: string,
  service: string,
  { authority, nowMs }: { authority: Authority; nowMs: number },
): boolean {
  const [file, keyFile] = [join(folder, `${service}.crt`), join(folder, `${service}.key`)];
  if (!existsSync(file) || !existsSync(keyFile)) return false;
  const [certificate] = certificatesOf(readFileSync(file, "utf8"));
  const issuer = new X509Certificate(authority.certificate);
  if (certificate === undefined || !certificate.verify(issuer.publicKey)) return false;
  if (!certificate.checkPrivateKey(createPrivateKey(readFileSync(keyFile)))) return false;
  return hasLife(certificate, nowMs);
}

/** Whether more than a third of its life is left. */
function hasLife({ validFromDate, validToDate }: X509Certificate, nowMs: number): boolean {
  const lifeMs = validToDate.getTime() - validFromDate.getTime();
  return validToDate.getTime() - nowMs > lifeMs / 3;
}

/** A life from now on; a minute earlier, for clocks that differ. */
function lifetime(nowMs: number, lifeMs: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(nowMs - 60_000), notAfter: new Date(nowMs + lifeMs) };
}
