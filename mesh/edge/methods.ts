import type { DescMethod, DescService } from "@bufbuild/protobuf";
import {
  type ConnectRouterOptions,
  createConnectRouter,
  createServiceImplSpec,
  type HandlerContext,
  type Interceptor,
  type ServiceImpl,
} from "@connectrpc/connect";
import { compressionGzip } from "@connectrpc/connect-node";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import { Audience } from "#gen/mizan/access/v1/access_pb.ts";
import { MAX_DEADLINE_MS, MAX_MESSAGE_BYTES } from "../limits.ts";
import { ruleOf } from "../rule.ts";
import { noteArrival } from "./arrival.ts";

/** A service of the contract, with what answers its methods. */
export type Implemented = {
  readonly service: DescService;
  readonly implementation: Partial<ServiceImpl<DescService>>;
};

/** What the methods that are served outside have in common. */
export type MethodOptions = {
  readonly contract: readonly Implemented[];
  readonly interceptors: readonly Interceptor[];
  readonly maxMessageBytes?: number;
  /** Runs before the body of a call is read; what it throws is the answer. */
  readonly gate?: (context: HandlerContext) => void | Promise<void>;
  /** Ends the streams, which have no end of their own, when a drain begins. */
  readonly draining: AbortSignal;
  /** Ends everything, when a drain has taken its time. */
  readonly ending: AbortSignal;
};

/** The methods that somebody outside may call, by path; those for services alone are left out. */
export function methodsOf(options: MethodOptions): ReadonlyMap<string, UniversalHandler> {
  const router = createConnectRouter(routerOptions(options));
  for (const { service, implementation } of options.contract) {
    const specs = Object.values(createServiceImplSpec(service, implementation).methods);
    for (const { method, impl } of specs.filter((spec) => isOpen(spec.method))) {
      const streams = method.methodKind !== "unary";
      router.rpc(method, impl, streams ? { shutdownSignal: options.draining } : undefined);
    }
  }
  return new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
}

/** Whether somebody outside may call a method; one without a rule is closed (G24). */
export function isOpen(method: DescMethod): boolean {
  return [...(ruleOf(method)?.audience ?? [])].some((kind) => kind !== Audience.SERVICE);
}

function routerOptions(options: MethodOptions): ConnectRouterOptions {
  const { maxMessageBytes = MAX_MESSAGE_BYTES, gate } = options;
  return {
    grpc: false, // gRPC has ports of its own, with mTLS
    // Brotli would spend milliseconds on every answer.
    acceptCompression: [compressionGzip],
    interceptors: [noteArrival, ...options.interceptors],
    // A misspelt field of a movement of money must not be left out in silence.
    jsonOptions: { ignoreUnknownFields: false },
    maxTimeoutMs: MAX_DEADLINE_MS,
    readMaxBytes: maxMessageBytes,
    shutdownSignal: options.ending,
    ...(gate !== undefined && { requestGate: gate }),
  };
}
