import type { DescService } from "@bufbuild/protobuf";
import { type Client, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { ensureCertificates } from "#mesh/certificates.ts";
import { createClients } from "#mesh/grpc/clients.ts";
import { openIdentity } from "#mesh/identity.ts";
import { MAX_BATCH_MESSAGE_BYTES } from "#mesh/limits.ts";
import type { Database } from "#mesh/database/connect.ts";
import type { Role } from "#mesh/person.ts";
import { startService } from "#mesh/start-service.ts";
import { temporaryFolder } from "#mesh/testing/folder.ts";
import { testLog } from "#mesh/testing/log.ts";
import { testNats } from "#mesh/testing/nats.ts";
import { createSigner } from "#mesh/tokens.ts";
import { settings } from "../config.ts";
import type { FourEyes } from "../domain/four-eyes.ts";
import { startBilling } from "../start-billing.ts";
import { databaseRole } from "../store/role.ts";
import type { Tables } from "../store/tables.ts";
import { testBooks } from "./test-ledger.ts";

/** Who calls billing in tests; the operator calls what people may call. */
const callers = ["core", "sms", "settlement", "matching", "operator"];

/**
 * Serves billing as a whole, on both wires, with clients of those who call it; on the books of
 * another one, which has ended, or on new ones.
 */
export async function serveBilling({ fourEyes = new Map(), books }: Wishes = {}) {
  await using stack = new AsyncDisposableStack();
  const log = testLog();
  const folder = stack.use(temporaryFolder()).path;
  await ensureCertificates(folder, [...callers, "billing"]);
  const [db, nats] = [books ?? stack.use(await testBooks()), stack.use(await testNats())];
  const definition = {
    name: "billing",
    migrations: new URL("../store/migrations/", import.meta.url),
    databaseRole,
    maxMessageBytes: MAX_BATCH_MESSAGE_BYTES,
    settings,
    start: startBilling,
  };
  const config = {
    ...here,
    profile: "test" as const,
    certs: folder,
    databaseUrl: db.url,
    natsUrl: nats.url,
    fourEyes,
    logLevel: "info" as const,
  };
  const running = stack.use(await startService(definition, { config, log, stop: () => {} }));
  const http = `http://127.0.0.1:${running.httpPort}`;
  const open = stack.move();
  const tokenOf = async (id: string, ...roles: Role[]) => {
    const signer = open.use(createSigner(folder, "core"));
    return signer.accessToken({ id, roles, verificationLevel: 0 }, 60);
  };
  return {
    db,
    log,
    http,
    tokenOf,
    /** The clients of another service. */
    inside: (service: string) => {
      const identity = open.use(openIdentity({ folder, service, log }));
      const signer = open.use(createSigner(folder, service));
      const peers = { billing: `127.0.0.1:${running.grpcPort}` };
      return open.use(createClients({ identity, signer, peers }));
    },
    /** The client of a person outside, over HTTP and with JSON. */
    outside: async <S extends DescService>(
      service: S,
      id: string,
      ...roles: Role[]
    ): Promise<Client<S>> => {
      const token = await tokenOf(id, ...roles);
      const transport = createConnectTransport({
        baseUrl: http,
        httpVersion: "1.1",
        useBinaryFormat: false,
        interceptors: [
          (next) => async (request) => {
            request.header.set("authorization", `Bearer ${token}`);
            return next(request);
          },
        ],
      });
      return createClient(service, transport);
    },
    [Symbol.asyncDispose]: async () => open.disposeAsync(),
  };
}

const here = {
  host: "127.0.0.1",
  grpcPort: 0,
  httpPort: 0,
  adminHost: "127.0.0.1",
  adminPort: 0,
  peers: {},
  trustedProxies: [],
  allowedOrigins: [],
  drainWaitMs: 0,
  parentPipe: false,
};

type Wishes = { readonly fourEyes?: FourEyes; readonly books?: Database<Tables> };
