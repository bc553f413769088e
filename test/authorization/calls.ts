import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { ErrorInfoSchema } from "#gen/mizan/error/v1/error_pb.ts";
import { GrpcTransport } from "#mesh/grpc/transport.ts";
import type { DevFile } from "../../scripts/platform/dev-file.ts";
import { runnerOf } from "./contract.ts";
import { createCredentials, type Inside } from "./credentials.ts";
import type { Identity, Verdict } from "./oracle.ts";

/** Makes calls as identities, and tells what became of them. */
export type Calls = Disposable & {
  /** Calls a method with a request that says nothing. */
  readonly verdict: (method: DescMethod, who: Identity) => Promise<Verdict>;
};

/** Calls the services of a stack: over HTTP through its router, and over gRPC. */
export function createCalls({ origin, grpc, certs }: DevFile): Calls {
  const cleanup = new DisposableStack();
  const credentials = cleanup.use(createCredentials(certs));
  const http = createConnectTransport({ baseUrl: origin, httpVersion: "1.1" });
  const channels = new Map<string, Promise<GrpcTransport>>();
  const open = async (who: Inside, target: string) => {
    const options = { "grpc.ssl_target_name_override": target };
    const channel = await credentials.channel(who, target);
    return cleanup.use(new GrpcTransport(grpc[target]!, channel, options));
  };
  const channel = async (who: Inside, target: string) => {
    const id = [who.name, who.certificate, target].join(" ");
    const known = channels.get(id) ?? open(who, target);
    channels.set(id, known);
    return known;
  };
  return {
    verdict: async (method, who) => {
      const target = runnerOf(method);
      const transport: Transport = who.wire === "http" ? http : await channel(who, target);
      const headers = await credentials.headers(who, target);
      const verdict = await call(method, transport, headers).then(() => "let in" as const, judged);
      // Who still speaks when the answer is there may lose the connection before reading it.
      const isTalk = who.wire === "http" && method.methodKind === "bidi_streaming";
      return isTalk && verdict === "no connection" ? "not on this wire" : verdict;
    },
    [Symbol.dispose]: () => cleanup.dispose(),
  };
}

type Stub = Readonly<Record<string, (input: object, options: object) => unknown>>;

/** Ends with the first answer. */
async function call(method: DescMethod, transport: Transport, headers: Record<string, string>) {
  const client = createClient(method.parent, transport) as unknown as Stub;
  const leaving = new AbortController();
  const options = { headers, timeoutMs: TIMEOUT_MS, signal: leaving.signal };
  const input = method.methodKind === "bidi_streaming" ? one() : {};
  const answer = client[method.localName]!(input, options);
  if (method.methodKind === "unary") return answer;
  try {
    return await (answer as AsyncIterable<unknown>)[Symbol.asyncIterator]().next();
  } finally {
    leaving.abort();
  }
}

/** A stream of one request that says nothing. */
async function* one() {
  yield {};
}

const TIMEOUT_MS = 15_000;

/**
 * Tells whether it was the gate that has refused a call. What a method itself refuses, such as a
 * log-in without a password, has the domain of its service.
 */
function judged(reason: unknown): Verdict {
  const error = ConnectError.from(reason);
  const [info] = error.findDetails(ErrorInfoSchema);
  if (info === undefined && error.code === Code.Unavailable) return "no connection";
  if (error.rawMessage === "HTTP 505") return "not on this wire"; // HTTP2_NEEDED, which Connect hides
  if (info?.domain !== "mizan.mesh") return "let in";
  const { reason: word } = info;
  if (error.code === Code.PermissionDenied && word === "NOT_ALLOWED") return "denied";
  if (error.code !== Code.Unauthenticated) return "let in";
  return word === "BAD_CREDENTIALS" || word === "TOKEN_EXPIRED" ? "unauthenticated" : "let in";
}
