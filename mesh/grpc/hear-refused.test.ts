import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connect as connectTcp, type Socket } from "node:net";
import { connect, type ConnectionOptions } from "node:tls";
import { Server } from "@grpc/grpc-js";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { createAuthority, issue } from "../authority.ts";
import { openIdentity } from "../identity.ts";
import { GuardedService } from "../testing/guarded-service.ts";
import { testMesh } from "../testing/mesh.ts";
import { hearRefused } from "./hear-refused.ts";

const mesh = await testMesh(["testing", "sms"]);
afterAll(async () => mesh[Symbol.asyncDispose]());
const server = await mesh.serve({ name: "testing", service: GuardedService, implementation: {} });
beforeEach(() => void (mesh.refused as unknown[]).splice(0));

const own = openIdentity({ folder: mesh.folder, service: "sms", log: mesh.log }).current();
const now = Date.now();
const [before, from, until] = [now - 120_000, now - 60_000, now + 60_000].map((at) => new Date(at));
const read = (file: string) => readFileSync(join(mesh.folder, file), "utf8");
const root = { certificate: read("ca.crt"), key: read("ca.key") };
const strange = await createAuthority(from!, until!);
const old = { service: "sms", notBefore: before!, notAfter: from! };
const expired = await issue(root, old);
const stranger = await issue(strange, { ...old, notBefore: from!, notAfter: until! });

/** Opens a connection, and waits for its end. */
async function tryTls(options: ConnectionOptions): Promise<void> {
  const socket = connect({
    port: server.port,
    host: "127.0.0.1",
    ALPNProtocols: ["h2"],
    rejectUnauthorized: false,
    ...options,
  });
  await endOf(socket);
}

async function tryTcp(bytes: string): Promise<void> {
  const socket = connectTcp(server.port, "127.0.0.1");
  socket.end(bytes);
  await endOf(socket);
}

async function endOf(socket: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on("error", () => undefined).on("close", () => resolve());
  socket.resume();
  await promise;
}

const ip = "127.0.0.1";
const nothing = {
  ip,
  reason: "NO_CERTIFICATE",
  detail: "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE",
};

describe.each(["TLSv1.2", "TLSv1.3"] as const)("over %s", (version) => {
  const only = { minVersion: version, maxVersion: version };

  test("GATE-1 a connection without a certificate is heard of", async () => {
    await tryTls(only);
    await expect.poll(() => mesh.refused).toEqual([nothing]);
  });

  test.each([
    ["that has expired", expired, "CERT_HAS_EXPIRED"],
    ["of another authority", stranger, "CERT_SIGNATURE_FAILURE"],
  ])("GATE-1 a connection with a certificate %s is heard of", async (_what, shown, detail) => {
    await tryTls({ ...only, cert: shown.certificate, key: shown.key });
    await expect.poll(() => mesh.refused).toEqual([{ ip, reason: "BAD_CERTIFICATE", detail }]);
  });
});

test("a connection without TLS is heard of", async () => {
  await tryTcp("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
  const heard = { ip, reason: "BAD_HANDSHAKE", detail: "ERR_SSL_HTTP_REQUEST" };
  await expect.poll(() => mesh.refused).toEqual([heard]);
});

test("nothing is heard of probes, and of callers that go or do not trust the server", async () => {
  await tryTcp("");
  await tryTcp("\u0016");
  const { certificate: cert, key } = own;
  await tryTls({ cert, key, ca: stranger.authority, rejectUnauthorized: true });
  await tryTls({}); // what is heard of comes behind the others
  await expect.poll(() => mesh.refused).toEqual([nothing]);
});

test("a grpc-js that has changed inside is noticed at the start", () => {
  const changed = new Server();
  Object.assign(changed, { _setupHandlers: undefined });
  expect(() => hearRefused(changed, () => undefined)).toThrow("changed");
});
