import type { DescService } from "@bufbuild/protobuf";
import { createContextValues, type ServiceImpl } from "@connectrpc/connect";
import { WalletService } from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { callerKey } from "#mesh/access.ts";
import { createAdmission } from "#mesh/admission/admission.ts";
import { ensureCertificates } from "#mesh/certificates.ts";
import { startEdge } from "#mesh/edge.ts";
import { createClients } from "#mesh/grpc/clients.ts";
import { startGrpcServer } from "#mesh/grpc/server.ts";
import { openIdentity } from "#mesh/identity.ts";
import { serverChain } from "#mesh/interceptors/chain.ts";
import { createLog } from "#mesh/log.ts";
import type { Person } from "#mesh/person.ts";
import { createTelemetry } from "#mesh/telemetry.ts";
import { temporaryFolder } from "#mesh/testing/folder.ts";
import { createVerifier } from "#mesh/token-verifier.ts";
import { createSigner } from "#mesh/tokens.ts";
import { postJson } from "./post-json.ts";
import { question, wallets } from "./messages.ts";

/** A service as it is in the mesh, called on both of its wires. */
export type Guarded = AsyncDisposable & {
  /** Calls as core, for a person: certificate, internal token, and the client of the mesh. */
  readonly inside: () => Promise<unknown>;
  /** Calls as the same person from outside, with JSON over HTTP/1.1 and an access token. */
  readonly outside: () => Promise<unknown>;
};

/** Serves with the whole chain of interceptors, with certificates and tokens like those of `npm start`. */
export async function guardedService(): Promise<Guarded> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder()).path;
  await ensureCertificates(folder, ["core", "billing"]);
  const log = createLog({ name: "bench", level: "warn" });
  const [core, billing] = ["core", "billing"].map((service) =>
    opened.use(openIdentity({ folder, service, log })),
  );
  const signer = opened.use(createSigner(folder, "core"));
  const verifier = opened.use(createVerifier(folder));
  const telemetry = opened.use(createTelemetry("bench"));
  const interceptors = serverChain({
    gate: { service: "billing", verifier, isDenied: billing!.isDenied },
    log,
    telemetry,
    admission: createAdmission(),
    rates: { EXPRESS: unbounded, MONEY: unbounded, READ: unbounded, BULK: unbounded },
  });
  const implementation = wallets as Partial<ServiceImpl<DescService>>;
  const contract = [{ service: WalletService, implementation }];
  const common = { host: "127.0.0.1", port: 0, contract, interceptors };
  const grpc = opened.use(
    await startGrpcServer({ ...common, identity: billing!, hasReflection: false }),
  );
  const outside = { ...common, log, telemetry, trustedProxies: [], allowedOrigins: [] };
  const edge = opened.use(await startEdge(outside));
  const peers = { billing: `127.0.0.1:${grpc.port}` };
  const wallet = opened.use(createClients({ identity: core!, signer, peers })).of(WalletService);
  const contextValues = createContextValues().set(callerKey, { kind: "person", person });
  const access = await signer.accessToken(person, 600);
  const path = `/${WalletService.typeName}/ListBalances`;
  const post = opened.use(postJson({ port: edge.port, path, token: access }));
  const resources = opened.move();
  return {
    inside: async () => wallet.listBalances(question, { contextValues }),
    outside: async () => post.send({ ownerId: question.ownerId }),
    [Symbol.asyncDispose]: async () => resources.disposeAsync(),
  };
}

const person: Person = { id: question.ownerId, roles: ["USER"], verificationLevel: 0 };

/** One person calls as often as many would. */
const unbounded = { perSecond: 1e6, burst: 1e6 };
