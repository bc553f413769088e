import { X509Certificate } from "node:crypto";
import { chmodSync, cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Code, createClient } from "@connectrpc/connect";
import { Server } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { createAuthority, issue } from "./authority.ts";
import { ensureCertificates } from "./certificates.ts";
import { addService } from "./grpc/serve.ts";
import { GrpcTransport } from "./grpc/transport.ts";
import { openIdentity, type ServiceIdentity } from "./identity.ts";
import { temporaryFolder } from "./testing/folder.ts";
import { WireService } from "./testing/wire-service.ts";
import { listenWith } from "./testing/wires.ts";

const dayMs = 24 * 3600 * 1000;

test("an identity names the service, and its certificate is fresh", async () => {
  using place = await prepared();
  using identity = open(place, "billing");
  expect(identity.service).toBe("billing");
  expect(identity.current().certificate).toBe(place.read("billing.crt"));
  expect(identity.lifeUsed()).toBeLessThan(0.01);
});

test.each<[string, (place: Place) => void | Promise<void>]>([
  ["a missing certificate", (place) => rmSync(place.file("billing.crt"))],
  ["a missing key", (place) => rmSync(place.file("billing.key"))],
  ["a missing authority", (place) => rmSync(place.file("ca.crt"))],
  ["a certificate that is none", (place) => place.write("billing.crt", "hello")],
  ["a mismatched pair", (place) => place.write("billing.key", place.read("sms.key"))],
  ["the pair of another service", (place) => place.copy("sms", "billing")],
  ["an expired certificate", (place) => place.issue(-2 * dayMs, -dayMs)],
  ["a certificate of the future", (place) => place.issue(dayMs, 2 * dayMs)],
  ["a certificate with two names", (place) => place.issue(-dayMs, dayMs, ["billing", "core"])],
  ["a certificate of another authority", (place) => place.issueByAnother()],
  ["a key that everyone can read", (place) => chmodSync(place.file("billing.key"), 0o644)],
  ["a broken list of revoked certificates", (place) => place.write("denied.json", "{")],
])("G18 keeps the last good certificate over %s, and takes the next good one", async (_, spoil) => {
  using place = await prepared();
  using identity = open(place, "billing");
  const { certificate } = identity.current();
  await spoil(place);
  expect(identity.reload()).toBe(false);
  expect(identity.current().certificate).toBe(certificate);
  expect(place.warnings).toEqual(["G18 the certificate can't be used; the last stays"]);
  expect(() => openIdentity({ folder: place.path, service: "billing", log: place.log })).toThrow();

  await place.repair();
  expect(identity.reload()).toBe(true);
  expect(identity.current().certificate).toBe(place.read("billing.crt"));
});

test("A10 calls go on while certificates rotate, good and bad ones", async () => {
  using place = await prepared();
  using billing = open(place, "billing");
  using sms = open(place, "sms");
  await using server = await serve(billing);
  const ask = async () => {
    using transport = new GrpcTransport(server.address, sms.channelCredentials("billing"), {
      "grpc.use_local_subchannel_pool": 1, // each call shakes hands anew
    });
    return await createClient(WireService, transport).ask({ value: "?" });
  };
  expect(await ask()).toMatchObject({ value: "billing" });
  const old = billing.current().certificate;

  rmSync(place.file("billing.key"));
  expect(billing.reload()).toBe(false);
  expect(await ask()).toMatchObject({ value: "billing" });

  await place.repair();
  expect([billing.reload(), sms.reload()]).toEqual([true, true]);
  expect(await ask()).toMatchObject({ value: "billing" });
  expect(billing.current().certificate).not.toBe(old);
});

test("G22 a channel speaks to no server but the service that it wants", async () => {
  using place = await prepared();
  using sms = open(place, "sms");
  using billing = open(place, "billing");
  await using server = await serve(billing);
  using transport = new GrpcTransport(server.address, sms.channelCredentials("core"));
  const call = createClient(WireService, transport).ask({});
  await expect(call).rejects.toMatchObject({ code: Code.Unavailable });
});

test("G20 a revoked certificate is known by its fingerprint", async () => {
  using place = await prepared();
  using identity = open(place, "billing");
  const { fingerprint256 } = new X509Certificate(place.read("sms.crt"));
  expect(identity.isDenied(fingerprint256)).toBe(false);
  place.write("denied.json", JSON.stringify([fingerprint256]));
  expect(identity.reload()).toBe(true);
  expect(identity.isDenied(fingerprint256)).toBe(true);
});

async function serve(identity: ServiceIdentity) {
  const server = new Server();
  addService(server, WireService, { ask: () => ({ value: identity.service }) });
  return listenWith(server, identity.serverCredentials());
}

function open(place: Place, service: string): ServiceIdentity {
  return openIdentity({ folder: place.path, service, log: place.log });
}

type Place = Awaited<ReturnType<typeof prepared>>;

/** A folder with good certificates, and ways to spoil them. */
async function prepared() {
  const folder = temporaryFolder();
  const { path } = folder;
  await ensureCertificates(path, ["billing", "sms"]);
  const warnings: string[] = [];
  const log = { warn: (_fields: object | string, text?: string) => void warnings.push(text ?? "") };
  const file = (name: string) => join(path, name);
  const read = (name: string) => readFileSync(file(name), "utf8");
  const write = (name: string, text: string) => writeFileSync(file(name), text, { mode: 0o600 });
  const put = ({ certificate, key }: { certificate: string; key: string }) => {
    write("billing.crt", certificate);
    write("billing.key", key);
  };
  const authority = { certificate: read("ca.crt"), key: read("ca.key") };
  const dates = (fromMs: number, toMs: number) => ({
    notBefore: new Date(Date.now() + fromMs),
    notAfter: new Date(Date.now() + toMs),
  });
  return {
    path,
    warnings,
    log,
    file,
    read,
    write,
    [Symbol.dispose]: () => folder[Symbol.dispose](),
    copy: (from: string, to: string) => {
      cpSync(file(`${from}.crt`), file(`${to}.crt`));
      cpSync(file(`${from}.key`), file(`${to}.key`));
    },
    issue: async (fromMs: number, toMs: number, names = ["billing"]) => {
      const uris = names.map((name) => `spiffe://mizan/${name}`);
      put(await issue(authority, { service: "billing", uris, ...dates(fromMs, toMs) }));
    },
    issueByAnother: async () => {
      const { notBefore, notAfter } = dates(-dayMs, dayMs);
      const another = await createAuthority(notBefore, notAfter);
      put(await issue(another, { service: "billing", notBefore, notAfter }));
    },
    repair: async () => {
      for (const name of ["billing.crt", "billing.key", "denied.json"]) {
        rmSync(file(name), { force: true });
      }
      write("ca.crt", authority.certificate);
      await ensureCertificates(path, ["billing", "sms"]);
    },
  };
}
