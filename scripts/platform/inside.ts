import type { DescService } from "@bufbuild/protobuf";
import { type Client, createClient, type Interceptor } from "@connectrpc/connect";
import { GrpcTransport } from "#mesh/grpc/transport.ts";
import { openIdentity } from "#mesh/identity.ts";
import { createSigner } from "#mesh/tokens.ts";
import type { DevFile } from "./dev-file.ts";

/** Calls services over gRPC as one of them does; nothing is repeated by itself. */
export type Inside = Disposable & {
  /** The client of a service of the contract, such as HoldService of mizan.billing.v1. */
  of<S extends DescService>(service: S): Client<S>;
};

/**
 * Makes the clients of a service from its development certificate and key. The operator's carry the
 * access token of the person for whom they call.
 */
export function inside(
  { certs, grpc }: Pick<DevFile, "certs" | "grpc">,
  as: string,
  accessToken?: string,
): Inside {
  using cleanup = new DisposableStack();
  const log = { warn: console.warn };
  const identity = cleanup.use(openIdentity({ folder: certs, service: as, log }));
  const signer = cleanup.use(createSigner(certs, as));
  const transports = new Map(
    Object.entries(grpc).map(([name, address]) => {
      const token: Interceptor = (next) => async (request) => {
        request.header.set("x-internal-token", await signer.internalToken(name));
        if (accessToken !== undefined) request.header.set("authorization", `Bearer ${accessToken}`);
        return next(request);
      };
      const options = {
        ...reconnect,
        "grpc.ssl_target_name_override": name, // an address is no name that TLS may ask for
        interceptors: [token],
        defaultTimeoutMs: 10_000,
      };
      const transport = new GrpcTransport(address, identity.channelCredentials(name), options);
      return [name, cleanup.use(transport)];
    }),
  );
  const kept = cleanup.move();
  return {
    of(service) {
      const [, name = ""] = service.typeName.split("."); // mizan.billing.v1.HoldService
      const transport = transports.get(name);
      if (transport === undefined) throw new Error(`No service of this stack serves ${name}.`);
      return createClient(service, transport);
    },
    [Symbol.dispose]: () => kept.dispose(),
  };
}

/** A service that was started again is found again at once. */
const reconnect = {
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 1000,
};
