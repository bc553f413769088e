import "reflect-metadata"; // @peculiar/x509 wants it loaded first
import * as x509 from "@peculiar/x509";
import type { Identity } from "./tls.ts";

/** What signs the certificates of services that trust each other, in PEM. */
export type Authority = { readonly certificate: string; readonly key: string };

/** What a certificate says; a test may ask for what no service should have. */
export type Issued = {
  readonly service: string;
  /** The names in the certificate; by default the one of SPIFFE. */
  readonly uris?: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
};

/** Makes a certificate authority of the given lifetime. */
export async function createAuthority(notBefore: Date, notAfter: Date): Promise<Authority> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    notBefore,
    notAfter,
    name: "CN=mizan development authority",
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  return { certificate: root.toString("pem"), key: await toPem(keys.privateKey) };
}

/** Issues a certificate with a new key, good for both ends of a connection to this machine. */
export async function issue(authority: Authority, asked: Issued): Promise<Identity> {
  const { service, uris = [`spiffe://mizan/${service}`], notBefore, notAfter } = asked;
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.create({
    notBefore,
    notAfter,
    subject: `CN=${service}`,
    issuer: new x509.X509Certificate(authority.certificate).subject,
    publicKey: keys.publicKey,
    signingKey: await fromPem(authority.key),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        ...uris.map((value) => ({ type: "url" as const, value })),
        { type: "dns", value: "localhost" },
        { type: "dns", value: service },
        { type: "ip", value: "127.0.0.1" },
      ]),
      new x509.ExtendedKeyUsageExtension([
        x509.ExtendedKeyUsage.serverAuth,
        x509.ExtendedKeyUsage.clientAuth,
      ]),
    ],
  });
  return {
    authority: authority.certificate,
    certificate: certificate.toString("pem"),
    key: await toPem(keys.privateKey),
  };
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

async function toPem(key: CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}

async function fromPem(pem: string): Promise<CryptoKey> {
  const bytes = x509.PemConverter.decodeFirst(pem);
  return crypto.subtle.importKey("pkcs8", bytes, algorithm, false, ["sign"]);
}
