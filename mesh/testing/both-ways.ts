import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { HandlerContext, Interceptor } from "@connectrpc/connect";
import type { CallRecord } from "../call-record.ts";
import { clientKey } from "../client.ts";
import { type EdgeOptions, startEdge } from "../edge.ts";
import { createTelemetry } from "../telemetry.ts";
import { traceKey } from "../trace.ts";
import { testLog } from "./log.ts";

/** Whether a call is answered in the short way, or in Connect's own. */
export type Way = "plain" | "connect";

/** The content type of each way: Connect reads "utf8" too, which the short way leaves to it. */
const types = {
  plain: "application/json; charset=utf-8",
  connect: "application/json; charset=utf8",
} as const satisfies Record<Way, string>;

/** A request as a test puts it on the wire; what is left out is that of a plain call. */
export type Sent = {
  /** Without the first slash, such as "mizan.testing.v1.PublicService/Ask". */
  readonly path: string;
  readonly verb?: string;
  readonly version?: string;
  readonly type?: string;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: string | Uint8Array;
  /** How the end of the body is told: by its length, in chunks of a size, or by a wrong length. */
  readonly framing?: "length" | { readonly chunkBytes: number } | { readonly saysBytes: number };
  readonly keepsAlive?: boolean;
  /** The header Host; undefined for none. */
  readonly host?: string | undefined;
};

/** What a call was to everybody who saw something of it, without times. */
export type Seen = {
  /** The answers, each with its lines in the order of their names, and without its date. */
  readonly answers: readonly string[][];
  /** What the handler was given. */
  readonly handled: readonly Handled[];
  readonly told: readonly Partial<CallRecord>[];
  readonly logged: readonly Record<string, unknown>[];
  /** The method and the code of each call that was counted. */
  readonly counted: readonly string[];
};

/** What a handler was given, besides the message. */
type Handled = { readonly way: Way; readonly [name: string]: unknown };

/** An edge on which a test makes calls in both ways. */
export type BothWays = AsyncDisposable & {
  readonly port: number;
  readonly drain: (graceMs: number) => Promise<void>;
  /** The contexts of the calls under way or over, the last one last. */
  readonly contexts: readonly HandlerContext[];
  /** The method and the code of each call that was counted. */
  readonly counted: readonly string[];
  /** Does something in a way, and tells what all of it was to those who saw it. */
  readonly seen: (way: Way, act: (way: Way) => Promise<string>) => Promise<Seen>;
};

/** What is different about the edge of a test. */
export type Differences = Pick<EdgeOptions, "contract"> &
  Partial<EdgeOptions> & {
    /** The interceptors, which get what listens to calls. */
    readonly chain?: (
      means: Pick<EdgeOptions, "log" | "telemetry" | "calls">,
    ) => readonly Interceptor[];
  };

/** Starts an edge that notes what it is told to log and to count. */
export async function bothWays({ chain, ...options }: Differences): Promise<BothWays> {
  const log = testLog();
  const told: CallRecord[] = [];
  const counted: string[] = [];
  const contexts: HandlerContext[] = [];
  const real = createTelemetry("testing");
  const telemetry: EdgeOptions["telemetry"] = {
    ...real,
    observe: (method, code, seconds) => {
      counted.push(`${method} ${code}`);
      real.observe(method, code, seconds);
    },
    begin: (method) => {
      const end = real.begin(method);
      return (code) => {
        counted.push(`${method} ${code}`);
        end(code);
      };
    },
  };
  const means = { log, telemetry, calls: (call: CallRecord) => void told.push(call) };
  const edge = await startEdge({
    host: "127.0.0.1",
    port: 0,
    interceptors: chain?.(means) ?? [],
    trustedProxies: ["127.0.0.1"],
    allowedOrigins: ["https://console.example"],
    ...means,
    ...options,
    contract: noting(options.contract, contexts),
  });
  return {
    ...edge,
    contexts,
    counted,
    seen: async (way, act) => {
      for (const list of [log.records, told, counted, contexts]) list.length = 0;
      const answers = answersOf(await act(way));
      return {
        answers,
        handled: contexts.map(handledOf),
        told: told.map(({ durationMs: _took, atMs: _at, ...call }) => call),
        logged: log.records.map(({ time: _time, ms: _ms, ...line }) => withoutStack(line)),
        counted: [...counted],
      };
    },
    [Symbol.asyncDispose]: async () => {
      await edge[Symbol.asyncDispose]();
      real[Symbol.dispose]();
    },
  };
}

type Contract = EdgeOptions["contract"];
type Handler = (message: unknown, context: HandlerContext) => unknown;

/** The contract, with methods that note what they are given. */
function noting(contract: Contract, contexts: HandlerContext[]): Contract {
  const noted = (handler: Handler): Handler => {
    return (message, context) => {
      contexts.push(context);
      return handler(message, context);
    };
  };
  return contract.map(({ service, implementation }) => {
    const methods = Object.entries(implementation) as unknown as [string, Handler][];
    const entries = methods.map(([name, handler]) => [name, noted(handler)]);
    return { service, implementation: Object.fromEntries(entries) as typeof implementation };
  });
}

function handledOf({ requestHeader, url, values, ...context }: HandlerContext): Handled {
  const {
    "content-type": _type,
    "connect-timeout-ms": _ms,
    ...headers
  } = Object.fromEntries(requestHeader);
  return {
    way: requestHeader instanceof Headers ? "connect" : "plain",
    url,
    headers,
    verb: context.requestMethod,
    protocol: context.protocolName,
    method: context.method.name,
    ip: values.get(clientKey)?.ip,
    trace: values.get(traceKey)?.traceId,
  };
}

function withoutStack(line: Record<string, unknown>): Record<string, unknown> {
  const { err, ...rest } = line;
  if (err === undefined) return line;
  const { stack: _stack, ...error } = err as Record<string, unknown>;
  return { ...rest, err: error };
}

/** The bytes of a request in a way. */
export function wire(way: Way, sent: Sent): Buffer {
  const { verb = "POST", version = "1.1", framing = "length", headers = [] } = sent;
  const host = "host" in sent ? sent.host : "localhost";
  const body = Buffer.from(sent.body ?? '""');
  const lines = [
    `${verb} /${sent.path} HTTP/${version}`,
    ...(host === undefined ? [] : [`host: ${host}`]),
    `content-type: ${sent.type ?? types[way]}`,
    "x-correlation-id: mine",
    "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(sent.keepsAlive === true ? [] : ["connection: close"]),
  ];
  if (framing === "length") lines.push(`content-length: ${body.byteLength}`);
  else if ("saysBytes" in framing) lines.push(`content-length: ${framing.saysBytes}`);
  else lines.push("transfer-encoding: chunked");
  const isChunked = typeof framing === "object" && "chunkBytes" in framing;
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  return Buffer.concat([head, isChunked ? chunked(body, framing.chunkBytes) : body]);
}

function chunked(body: Buffer, chunkBytes: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; at += chunkBytes) {
    const part = body.subarray(at, at + chunkBytes);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n"));
  }
  return Buffer.concat([...parts, Buffer.from("0\r\n\r\n")]);
}

/** Sends bytes, and returns all that comes until the other side closes the connection. */
export async function exchange(port: number, bytes: Uint8Array): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  const all = received(socket);
  socket.write(bytes);
  return all;
}

/** All that a connection brings until it is closed, one character a byte. */
export async function received(socket: Socket): Promise<string> {
  let all = "";
  socket.setEncoding("latin1").on("data", (chunk) => (all += String(chunk)));
  socket.on("error", () => {}); // cut off by the other side, which is told by what came
  await once(socket, "close");
  return all;
}

/** Splits what came into answers: status, sorted lines without the date, and body. */
function answersOf(all: string): string[][] {
  const answers: string[][] = [];
  for (let rest = all; rest !== "";) {
    const end = rest.indexOf("\r\n\r\n");
    if (end < 0) return [...answers, [rest]];
    const [status = "", ...lines] = rest.slice(0, end).split("\r\n");
    const length = Number(/^content-length: (\d+)$/im.exec(lines.join("\n"))?.[1] ?? 0);
    const shown = lines.filter((line) => !/^date:/i.test(line)).toSorted(byName);
    answers.push([status, ...shown, rest.slice(end + 4, end + 4 + length)]);
    rest = rest.slice(end + 4 + length);
  }
  return answers;
}

/** By the name alone, since the order of several values of one name means something. */
function byName(one: string, other: string): number {
  const [first = "", second = ""] = [one.split(":", 1)[0], other.split(":", 1)[0]];
  return first < second ? -1 : Number(first > second);
}
