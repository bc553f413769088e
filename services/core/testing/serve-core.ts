import type { DescService } from "@bufbuild/protobuf";
import { type CallOptions, type Client, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { ensureCertificates } from "#mesh/certificates.ts";
import { createClients } from "#mesh/grpc/clients.ts";
import { openIdentity } from "#mesh/identity.ts";
import type { Role } from "#mesh/person.ts";
import type { Served } from "#mesh/service.ts";
import { startService } from "#mesh/start-service.ts";
import { testLog } from "#mesh/testing/log.ts";
import { testNats } from "#mesh/testing/nats.ts";
import { createSigner } from "#mesh/tokens.ts";
import type { Tables } from "../store/tables.ts";
import type { testCore } from "./test-core.ts";

/** Serves parts of a test's core as the service, on both wires. */
export async function serveCore(
  { core, path: folder }: Awaited<ReturnType<typeof testCore>>,
  served: Served<Tables>,
) {
  await using stack = new AsyncDisposableStack();
  const log = testLog();
  await ensureCertificates(folder, ["core", "operator"]);
  const nats = stack.use(await testNats());
  const config = {
    profile: "test" as const,
    certs: folder,
    databaseUrl: core.db.url,
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
  const migrations = new URL("../store/migrations/", import.meta.url);
  const definition = { name: "core", migrations, start: async () => served };
  const running = stack.use(await startService(definition, { config, log, stop: () => {} }));
  const origin = `http://127.0.0.1:${running.httpPort}`;
  const signer = stack.use(createSigner(folder, "operator"));
  const identity = stack.use(openIdentity({ folder, service: "operator", log }));
  const peers = { core: `127.0.0.1:${running.grpcPort}` };
  const inside = stack.use(createClients({ identity, signer, peers }));
  const outside = createConnectTransport({ baseUrl: origin, httpVersion: "1.1" });
  /** What a person proves who it is with. */
  const as = async (id: string, ...roles: Role[]): Promise<CallOptions> => {
    const token = await core.signer.accessToken({ id, roles, verificationLevel: 0 }, 60);
    return { headers: { authorization: `Bearer ${token}` } };
  };
  /** The clients of a service by the names of the wires. */
  const clientsOf = <S extends DescService>(service: S): Record<"HTTP" | "gRPC", Client<S>> => ({
    HTTP: createClient(service, outside),
    gRPC: inside.of(service),
  });
  const open = stack.move();
  return { log, origin, as, clientsOf, [Symbol.asyncDispose]: async () => open.disposeAsync() };
}
