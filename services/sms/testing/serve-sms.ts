import { type Client, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import type { DescService } from "@bufbuild/protobuf";
import { ensureCertificates } from "#mesh/certificates.ts";
import { createClients } from "#mesh/grpc/clients.ts";
import { openIdentity } from "#mesh/identity.ts";
import type { Role } from "#mesh/person.ts";
import type { Mesh, Served } from "#mesh/service.ts";
import { startService } from "#mesh/start-service.ts";
import { temporaryFolder } from "#mesh/testing/folder.ts";
import { testLog } from "#mesh/testing/log.ts";
import { testNats } from "#mesh/testing/nats.ts";
import { testDatabase } from "#mesh/testing/postgres.ts";
import { createSigner } from "#mesh/tokens.ts";
import type { Tables } from "../store/tables.ts";

/** Serves parts of sms as the service, on a real database and a real broker. */
export async function serveSms(start: (mesh: Mesh<Tables>) => Promise<Served<Tables>>) {
  await using stack = new AsyncDisposableStack();
  const log = testLog();
  const folder = stack.use(temporaryFolder()).path;
  await ensureCertificates(folder, ["core", "sms", "operator"]);
  const migrations = new URL("../store/migrations/", import.meta.url);
  const db = stack.use(await testDatabase<Tables>({ migrations: [migrations] }));
  const nats = stack.use(await testNats());
  const config = {
    profile: "test" as const,
    certs: folder,
    databaseUrl: db.url,
    natsUrl: nats.url,
    host: "127.0.0.1",
    grpcPort: 0,
    httpPort: 0,
    adminHost: "127.0.0.1",
    adminPort: 0,
    peers: {},
    logLevel: "info" as const,
    trustedProxies: [],
    allowedOrigins: [],
    drainWaitMs: 0,
    parentPipe: false,
  };
  const definition = { name: "sms", migrations, start };
  const running = stack.use(await startService(definition, { config, log, stop: () => {} }));
  const origin = `http://127.0.0.1:${running.httpPort}`;
  const users = stack.use(createSigner(folder, "core"));
  const identity = stack.use(openIdentity({ folder, service: "operator", log }));
  const signer = stack.use(createSigner(folder, "operator"));
  const peers = { sms: `127.0.0.1:${running.grpcPort}` };
  const inside = stack.use(createClients({ identity, signer, peers }));
  /** The access token of a person. */
  const tokenOf = async (id: string, ...roles: Role[]) =>
    users.accessToken({ id, roles, verificationLevel: 0 }, 60);
  /** The clients of a person over HTTP, and over gRPC with the operator's certificate. */
  const clientsOf = async <S extends DescService>(service: S, id: string, ...roles: Role[]) => {
    const authorization = `Bearer ${await tokenOf(id, ...roles)}`;
    const transport = createConnectTransport({
      baseUrl: origin,
      httpVersion: "1.1",
      interceptors: [
        (next) => async (request) => {
          request.header.set("authorization", authorization);
          return next(request);
        },
      ],
    });
    const http: Client<S> = createClient(service, transport);
    return { http, grpc: inside.of(service), headers: { authorization } };
  };
  const open = stack.move();
  return {
    db,
    log,
    origin,
    running,
    tokenOf,
    clientsOf,
    [Symbol.asyncDispose]: async () => open.disposeAsync(),
  };
}
