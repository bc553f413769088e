import type { DescService } from "@bufbuild/protobuf";
import type { Interceptor, ServiceImpl } from "@connectrpc/connect";
import { createAdmission } from "../admission/admission.ts";
import { ensureCertificates } from "../certificates.ts";
import { type Clients, createClients } from "../grpc/clients.ts";
import { logGrpcTo } from "../grpc/log.ts";
import type { RefusedConnection } from "../grpc/hear-refused.ts";
import { type GrpcServer, startGrpcServer } from "../grpc/server.ts";
import { openIdentity } from "../identity.ts";
import { serverChain } from "../interceptors/chain.ts";
import { createVerifier } from "../token-verifier.ts";
import { createSigner, type Signer } from "../tokens.ts";
import { temporaryFolder } from "./folder.ts";
import { type TestLog, testLog } from "./log.ts";

/** A mesh of services in one process, each with its own certificate, to test wires with. */
export type TestMesh = AsyncDisposable & {
  readonly folder: string;
  readonly log: TestLog;
  /** The connections that TLS has refused. */
  readonly refused: readonly RefusedConnection[];
  /** Serves an implementation as a service, with the whole chain or the given interceptors. */
  readonly serve: <S extends DescService>(served: ServedAs<S>) => Promise<GrpcServer>;
  /** The clients of a service; it knows where the services are that serve by now. */
  readonly clients: (name: string) => Clients;
  readonly signer: (name: string) => Signer;
};

/** What a test serves as which service. */
export type ServedAs<S extends DescService> = {
  readonly name: string;
  readonly service: S;
  readonly implementation: Partial<ServiceImpl<S>>;
  readonly interceptors?: readonly Interceptor[];
  readonly port?: number;
  readonly connectionAgeMs?: number;
};

/** Makes a mesh of the named services; all of it goes with it. */
export async function testMesh(names: readonly string[]): Promise<TestMesh> {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(temporaryFolder());
  await ensureCertificates(folder.path, names);
  const log = testLog();
  const refused: RefusedConnection[] = [];
  logGrpcTo(log);
  const verifier = stack.use(createVerifier(folder.path));
  const peers: Record<string, string> = {};
  const identityOf = (service: string) =>
    stack.use(openIdentity({ folder: folder.path, service, log }));
  const signer = (name: string) => stack.use(createSigner(folder.path, name));
  const telemetry = { begin: () => () => {} };
  return {
    folder: folder.path,
    log,
    refused,
    signer,
    serve: async ({ name, service, implementation, ...rest }) => {
      const identity = identityOf(name);
      const chain = () => {
        const gate = { service: name, verifier, isDenied: identity.isDenied };
        return serverChain({ gate, log, telemetry, admission: createAdmission() });
      };
      const { port = 0, interceptors = chain(), ...own } = rest;
      const server = await startGrpcServer({
        ...own,
        host: "127.0.0.1",
        port,
        identity,
        contract: [{ service, implementation }],
        interceptors,
        hasReflection: true,
        refused: (connection) => refused.push(connection),
      });
      server.setServing(true);
      peers[name] = `127.0.0.1:${server.port}`;
      return stack.use(server);
    },
    clients: (name) =>
      stack.use(createClients({ identity: identityOf(name), signer: signer(name), peers })),
    [Symbol.asyncDispose]: async () => stack.disposeAsync(),
  };
}
