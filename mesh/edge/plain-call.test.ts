import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import type { DescService } from "@bufbuild/protobuf";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import fc from "fast-check";
import { afterAll, describe, expect, test, vi } from "vitest";
import { createAdmission } from "../admission/admission.ts";
import { ensureCertificates } from "../certificates.ts";
import type { EdgeOptions } from "../edge.ts";
import { reasonOf, retryLater } from "../errors.ts";
import { callKey } from "../idempotent-call.ts";
import { serverChain } from "../interceptors/chain.ts";
import type { Person } from "../person.ts";
import { fail } from "../reasons.ts";
import {
  bothWays,
  exchange,
  received,
  type Seen,
  type Sent,
  type Way,
  wire,
} from "../testing/both-ways.ts";
import { temporaryFolder } from "../testing/folder.ts";
import { GuardedService } from "../testing/guarded-service.ts";
import { PublicService } from "../testing/public-service.ts";
import { createVerifier } from "../token-verifier.ts";
import { createSigner } from "../tokens.ts";

const MAX_BYTES = 4096;
const stack = new AsyncDisposableStack();
afterAll(async () => stack.disposeAsync());
const folder = stack.use(temporaryFolder());
await ensureCertificates(folder.path, ["core", "testing"]);
const verifier = stack.use(createVerifier(folder.path));
const signer = stack.use(createSigner(folder.path, "core"));
const maryam: Person = { id: "maryam", roles: ["USER"], verificationLevel: 0 };
const token = await signer.accessToken(maryam, 600);
const free = { perSecond: 1e6, burst: 1e6 };
const admission = createAdmission();

/** An edge with the interceptors of a service, and one without any. */
const worlds = {
  guarded: {
    ...(await guarded()),
    path: "mizan.testing.v1.GuardedService/Write",
    say: (text: string) => JSON.stringify({ text }),
  },
  bare: {
    ...(await bare()),
    path: "mizan.testing.v1.PublicService/Ask",
    say: (text: string) => JSON.stringify(text),
  },
};
stack.use(worlds.guarded);
stack.use(worlds.bare);
type World = typeof worlds.bare;
type Edge = Pick<World, "port" | "seen">;

async function guarded() {
  const handler = async ({ text }: { text: string }, context: HandlerContext) => ({
    text: await answerTo(text, context),
  });
  return bothWays({
    maxMessageBytes: MAX_BYTES,
    contract: contractOf(GuardedService, { open: handler, own: handler, write: handler }),
    chain: (means) =>
      serverChain({
        ...means,
        gate: { service: "testing", verifier },
        admission,
        rates: { EXPRESS: { perSecond: 1e-9, burst: 0 }, MONEY: free, READ: free, BULK: free },
      }),
  });
}

async function bare(options: Partial<EdgeOptions> = {}) {
  const handler = async ({ value }: { value: string }, context: HandlerContext) => ({
    value: await answerTo(value, context),
  });
  return bothWays({
    maxMessageBytes: MAX_BYTES,
    ...options,
    contract: contractOf(PublicService, { ask: handler, read: handler }),
  });
}

function contractOf<S extends DescService>(service: S, implementation: Partial<ServiceImpl<S>>) {
  return [{ service, implementation: implementation as Partial<ServiceImpl<DescService>> }];
}

/** Answers with what it gets, and does what some words say. */
async function answerTo(word: string, context: HandlerContext): Promise<string> {
  const { responseHeader, responseTrailer, signal } = context;
  const hint = { "x-hint": "a", "content-type": "text/plain", date: "never" };
  const [, letter] = /^code ([a-p])$/.exec(word) ?? [];
  if (letter !== undefined) throw new ConnectError("told", codes[letters.indexOf(letter)], hint);
  switch (word) {
    case "large":
      return "x".repeat(5000);
    case "refuse":
      throw refused();
    case "throw":
      throw new Error("the canary");
    case "internal":
      throw new ConnectError("the canary", Code.Internal, hint);
    case "wide internal":
      throw new ConnectError("the canary".repeat(200), Code.Internal, hint);
    case "wide":
      throw new ConnectError("told".repeat(1000), Code.NotFound, hint);
    case "relay":
      throw Object.assign(new ConnectError("told", Code.NotFound, hint), { isWireError: true });
    case "unwritable error":
      throw new ConnectError("told", Code.NotFound, undefined, [untold]);
    case "unwritable":
      return 5 as unknown as string;
    case "head":
      responseHeader.append("set-cookie", "a=1; Path=/");
      responseHeader.append("set-cookie", "b=2");
      responseHeader.append("x-many", "1");
      responseHeader.append("x-many", "2");
      responseHeader.set("cache-control", "private");
      responseHeader.set("content-length", "7");
      responseHeader.set("trailer-x-sum", "header");
      responseTrailer.append("set-cookie", "c=3");
      responseTrailer.append("set-cookie", "d=4");
      responseTrailer.set("x-sum", "trailer");
      return word;
    case "head refuse":
      responseHeader.set("x-one", "1");
      responseTrailer.set("x-sum", "trailer");
      throw refused();
    case "own type":
      responseHeader.set("content-type", "text/x-own");
      return word;
    case "own type refuse":
      responseHeader.set("content-type", "text/x-own");
      throw refused();
    case "bad head":
      responseHeader.set("x-bad", "a\u0001b");
      return word;
    case "replay":
      context.values.get(callKey)!.replayed = true;
      return word;
    case "replay refuse":
      context.values.get(callKey)!.replayed = true;
      throw refused();
    case "soon":
      await sleep(20);
      return word;
    case "stubborn":
      await new Promise<void>((resolve) => (release = resolve));
      return word;
    case "wait":
      if (!signal.aborted) await once(signal, "abort");
      throw signal.reason;
    default:
      return word;
  }
}

/** What ends the words "stubborn". */
let release = () => {};

const letters = Array.from("abcdefghijklmnop");
const codes = Object.values(Code).filter((code) => typeof code === "number");
/** A detail that can't be written. */
const untold = { desc: StringValueSchema, value: { value: 5 as unknown as string } };

function refused(): ConnectError {
  const error = retryLater(fail("RATE_LIMITED", { retry_ms: 2500 }), 2500);
  error.metadata.append("set-cookie", "a=1");
  error.metadata.append("set-cookie", "b=2");
  return error;
}

/** Makes a call in both ways, and returns what it was when that was the same. */
async function same(world: Edge, act: (way: Way) => Promise<string>): Promise<Seen> {
  const [plain, own] = [await world.seen("plain", act), await world.seen("connect", act)];
  const differences = (seen: Seen) => ({
    ...seen,
    handled: seen.handled.map(({ way: _way, ...handled }) => handled),
  });
  expect(differences(plain)).toEqual(differences(own));
  expect(new Set(plain.handled.map(({ way }) => way)).size).toBe(Math.min(1, plain.handled.length));
  expect(plain.handled.every(({ way }) => way === "plain")).toBe(true);
  expect(own.handled.every(({ way }) => way === "connect")).toBe(true);
  return plain;
}

async function sameCall(world: World, sent: Partial<Sent>): Promise<Seen> {
  return same(world, async (way) => exchange(world.port, wire(way, { path: world.path, ...sent })));
}

const words = [
  "hello",
  "large",
  "refuse",
  "throw",
  "internal",
  "wide internal",
  "wide",
  "relay",
  "unwritable",
  "unwritable error",
  "head",
  "head refuse",
  "own type",
  "own type refuse",
  "soon",
  "not VALID",
  ...letters.map((letter) => `code ${letter}`),
];

/** Bodies that are no request, or an odd one; "text" stands for a request that says a word. */
const bodies: Record<string, (say: World["say"]) => string | Uint8Array> = {
  "nothing at all": () => "",
  "white space": () => " \r\n\t",
  null: () => "null",
  "a number": () => "5",
  "an array": () => "[]",
  "an array of a request": (say) => `[${say("hello")}]`,
  "an object": () => "{}",
  "a string": () => '"hello"',
  "an unknown field": () => '{"text":"a","nope":1}',
  "an unknown field with a long name": () => `{"${"n".repeat(2000)}":1}`,
  "a secret in an unknown field": () => '{"password hunter2":"4111111111111111"}',
  "a duplicate key": () => '{"text":"a","text":"b"}',
  "a field of another type": () => '{"text":{"a":1}}',
  "a map of another type": () => '{"marks":{"a":1}}',
  "half of it": (say) => say("hello").slice(0, -1),
  "more than it": (say) => `${say("hello")} x`,
  "JSON with a comment": (say) => `${say("hello")} // hello`,
  "deep arrays": () => "[".repeat(2000),
  "white space around": (say) => `\n ${say("hello")}\t`,
  "a BOM": (say) => `\uFEFF${say("hello")}`,
  "two BOMs": (say) => `\uFEFF\uFEFF${say("hello")}`,
  "a BOM alone": () => "\uFEFF",
  "bytes that are no UTF-8": (say) => Buffer.from(say("h\u00e9llo"), "latin1"),
  "half a character": (say) => Buffer.from(say("سلام")).subarray(0, -3),
  "other letters": (say) => say("سلام 😀"),
  "U+0000": (say) => say("\u0000"),
  "half a surrogate pair": (say) => say("\uD800"),
  __proto__: () => '{"__proto__":{"text":"a"}}',
  "a key in the request": () => '{"requestId":"k","text":"hello"}',
  "the longest that may be": (say) => say("x".repeat(MAX_BYTES - say("").length)),
  "a byte more than may be": (say) => say("x".repeat(MAX_BYTES - say("").length + 1)),
  "much more than may be": (say) => say("x".repeat(5 * MAX_BYTES)),
};

describe.each(Object.entries(worlds))("on an edge that is %s, both ways", (_name, world) => {
  const { path, say } = world;

  test.each(words)("are the same when the handler is told: %s", async (word) => {
    const seen = await sameCall(world, { body: say(word) });
    expect(seen.answers).toHaveLength(1);
    expect(JSON.stringify(seen.answers)).not.toContain("canary");
    await sameCall(world, { body: say(word), headers: [["accept-encoding", "gzip"]] });
  });

  test("fail with INTERNAL when the handler sets a header that HTTP does not carry", async () => {
    const call = async (way: Way) =>
      exchange(world.port, wire(way, { path, body: say("bad head") }));
    for (const way of ["plain", "connect"] as const) {
      const { answers, logged } = await world.seen(way, call);
      expect(answers).toEqual([expect.arrayContaining([expect.stringMatching(/^HTTP\S+ 500/)])]);
      expect(answers.flat().at(-1)).toContain('"reason":"INTERNAL"');
      expect(logged.at(-1)).toMatchObject({ msg: "the edge failed" });
    }
  });

  describe.each(Object.entries(bodies))("are the same for %s", (_body, make) => {
    test.each([
      ["by length", "length"],
      ["in one chunk", { chunkBytes: 1 << 20 }],
      ["byte by byte", { chunkBytes: 7 }],
    ] as const)("sent %s", async (_framing, framing) => {
      const body = make(say);
      const seen = await sameCall(world, { body, framing });
      expect(seen.answers).toHaveLength(1);
      expect(seen.counted.length).toBe(world === worlds.bare && seen.handled.length > 0 ? 0 : 1);
      await sameCall(world, { body, framing, headers: [["accept-encoding", "gzip"]] });
    });
  });

  test("agree about what is too large before it was sent", async () => {
    const seen = await sameCall(world, { body: "", framing: { saysBytes: MAX_BYTES + 1 } });
    expect(seen.answers[0]).toContain("HTTP/1.1 413 Payload Too Large");
    expect(seen.logged).toMatchObject([{ reason: "MESSAGE_TOO_LARGE", msg: "refused" }]);
  });

  test.each(["length", { chunkBytes: 900 }] as const)(
    "serve the next request of a connection after one that was too large (%o)",
    async (framing) => {
      const large = { path, body: say("x".repeat(300_000)), framing, keepsAlive: true };
      const seen = await same(world, async (way) =>
        exchange(
          world.port,
          Buffer.concat([wire(way, large), wire(way, { path, body: say("a") })]),
        ),
      );
      expect(seen.answers.map(([status]) => status)).toEqual([
        "HTTP/1.1 413 Payload Too Large",
        "HTTP/1.1 200 OK",
      ]);
    },
  );

  test("are the same for requests that come one after the other on a connection", async () => {
    const requests = ["soon", "hello", "refuse", "large", "not VALID"].map((word, index) => ({
      path,
      body: index === 4 ? "{" : say(word),
      keepsAlive: index < 4,
    }));
    const pipelined = (way: Way) => Buffer.concat(requests.map((sent) => wire(way, sent)));
    const seen = await same(world, async (way) => exchange(world.port, pipelined(way)));
    const statuses = seen.answers.map(([status]) => status?.split(" ", 2)[1]);
    expect(statuses).toEqual(["200", "200", "429", "200", "400"]);
  });

  test.each([
    "gzip",
    "gzip, br",
    "deflate,gzip",
    "br",
    "*",
    "identity",
    "identity;q=0",
    "gzip;q=0",
    "GZIP",
    "",
    "nonsense",
  ])("agree about how an answer is compressed for who accepts: %s", async (accepted) => {
    const headers = [["accept-encoding", accepted]] as const;
    const { answers } = await sameCall(world, { body: say("large"), headers });
    const text = String(answers[0]?.at(-1));
    const isPacked = answers[0]?.includes("content-encoding: gzip") === true;
    expect(isPacked).toBe(accepted.split(/, ?/).includes("gzip"));
    const bytes = Buffer.from(text, "latin1");
    expect(String(isPacked ? gunzipSync(bytes) : bytes)).toContain("x".repeat(5000));
    for (const length of [1023, 1024]) {
      await sameCall(world, { headers, body: say("x".repeat(length - say("").length)) });
    }
  });

  test.each([
    ["5000", 200],
    ["0", 504],
    ["0000000001", 504],
    ["20", 504],
    ["9999999999", 200],
    ["99999999999", 400],
    ["-1", 400],
    ["1.5", 400],
    ["soon", 400],
    ["", 400],
  ])("agree about a call that may take %s ms", async (timeoutMs, status) => {
    const headers = [["connect-timeout-ms", timeoutMs]] as const;
    const body = say(status === 504 ? "wait" : "hello");
    const call = async (way: Way) => exchange(world.port, wire(way, { path, headers, body }));
    // Whether the handler comes to know of a call that may take but a moment is left to chance.
    const [plain, own] = [await world.seen("plain", call), await world.seen("connect", call)];
    expect({ ...plain, handled: [] }).toEqual({ ...own, handled: [] });
    expect(plain.answers[0]?.[0]).toMatch(`HTTP/1.1 ${status}`);
  });

  test("agree about a deadline that has passed before the body was there", async () => {
    const headers = [["connect-timeout-ms", "10"]] as const;
    const { answers } = await same(world, async (way) => {
      const bytes = wire(way, { path, body: say("wait"), headers });
      const socket = connect(world.port, "127.0.0.1");
      const all = received(socket);
      socket.write(bytes.subarray(0, -3));
      await sleep(50); // longer than the deadline
      socket.write(bytes.subarray(-3));
      return all;
    });
    expect(answers[0]?.[0]).toBe("HTTP/1.1 504 Gateway Timeout");
  });

  test("tell the handler of a caller who has left, which is no error", async () => {
    const seen = await same(world, async (way) => {
      const socket = connect(world.port, "127.0.0.1");
      socket.write(wire(way, { path, body: say("wait") }));
      await vi.waitFor(() => expect(world.contexts).toHaveLength(1));
      socket.destroy();
      await vi.waitFor(() => expect(world.contexts[0]?.signal.aborted).toBe(true));
      await sleep(10); // until the wires could have told of it
      return "";
    });
    expect(seen.logged.filter(({ level }) => level === "error")).toEqual([]);
    expect(seen.counted).toHaveLength(world === worlds.bare ? 0 : 1);
  });

  test("agree about a caller who leaves before all of the request is there", async () => {
    const seen = await same(world, async (way) => {
      const socket = connect(world.port, "127.0.0.1");
      const bytes = wire(way, { path, body: say("hello"), framing: { saysBytes: 100 } });
      socket.write(bytes);
      await sleep(20); // until it is waited for the rest
      socket.destroy();
      await vi.waitFor(() => expect(world.counted).toHaveLength(1));
      return "";
    });
    expect(seen.logged).toMatchObject([{ reason: "MALFORMED_REQUEST", msg: "refused" }]);
    expect(seen.told).toMatchObject([{ code: "InvalidArgument", principal: "public" }]);
  });

  test("agree about a caller who says before the end that there is no more", async () => {
    const seen = await same(world, async (way) => {
      const socket = connect({ port: world.port, host: "127.0.0.1", allowHalfOpen: true });
      const all = received(socket);
      socket.end(wire(way, { path, body: say("hello"), framing: { saysBytes: 100 } }));
      socket.once("end", () => socket.destroy());
      await vi.waitFor(() => expect(world.counted).toHaveLength(1));
      return all;
    });
    expect(seen.answers[0]?.[0]).toBe("HTTP/1.1 400 Bad Request");
  });

  test("agree about chunks that are none", async () => {
    const framing = { chunkBytes: 4 };
    const seen = await same(world, async (way) => {
      const bytes = wire(way, { path, body: say("hello"), framing });
      const broken = bytes.toString("latin1").replaceAll("\r\n4\r\n", "\r\nzz\r\n");
      const all = await exchange(world.port, Buffer.from(broken, "latin1"));
      await vi.waitFor(() => expect(world.counted).toHaveLength(1));
      return all;
    });
    expect(seen.answers.flat().at(-1)).toContain('"reason":"BAD_HTTP"');
    expect(seen.told).toMatchObject([{ reason: "MALFORMED_REQUEST" }]);
  });

  test.each<[string, [string, string][]]>([
    ["a caller who waits to be told to go on", [["expect", "100-continue"]]],
    ["two proxies", ["192.0.2.1", "192.0.2.7"].map((ip) => ["x-forwarded-for", ip])],
    ["two cookies", ["a=1", "b=2"].map((cookie) => ["cookie", cookie])],
    ["a header that is set-cookie", ["a=1", "b=2"].map((cookie) => ["set-cookie", cookie])],
    ["two of a header", ["1", "2"].map((value) => ["x-many", value])],
    ["two of a header of which one counts", ["1", "2"].map((value) => ["user-agent", value])],
    ["odd case", [["X-oDD", "CaSe"]]],
    [
      "odd names",
      ["constructor", "__proto__", "tostring", "!#$%&'*+-.^_`|~"].map((name) => [name, "1"]),
    ],
    ["values of which one is empty", ["a", ""].map((value) => ["idempotency-key", value])],
    ["odd values", ["", "\t a \t", "\u00e9", "a\u007f", ","].map((value) => ["x-many", value])],
    ["the version of the protocol", [["connect-protocol-version", "1"]]],
    ["another version of it", [["connect-protocol-version", "7"]]],
    [
      "two deadlines",
      [
        ["connect-timeout-ms", "1000"],
        ["connect-timeout-ms", "2000"],
      ],
    ],
    ["a key", [["idempotency-key", "k"]]],
    [
      "two keys",
      [
        ["idempotency-key", "k"],
        ["idempotency-key", "l"],
      ],
    ],
    ["a key that is none", [["idempotency-key", "a b"]]],
    ["a listed origin", [["origin", "https://console.example"]]],
    ["another origin", [["origin", "https://evil.example"]]],
    ["a token that is none", [["authorization", "Bearer x"]]],
    ["a correlation id that is none", [["x-correlation-id", "a b"]]],
    ["a length and chunks", [["transfer-encoding", "chunked"]]],
  ])("are the same for %s", async (_case, headers) => {
    for (const body of [say("hello"), say("refuse"), "{"]) {
      const { answers } = await sameCall(world, { headers, body });
      expect(answers.length).toBeGreaterThan(0);
    }
  });

  test.each([
    undefined,
    "",
    "a b",
    "a:99999",
    "a:",
    "1.2.3.4.5",
    "0x7f.1",
    "[::1]:80",
    "LOCALHOST:80",
    "xn--a",
    "a/b?c#d",
    "user@a",
    "-",
    "a".repeat(300),
  ])("agree about the host %s", async (host) => {
    const { answers } = await sameCall(world, { host, body: say("hello") });
    expect(answers).toHaveLength(1);
  });

  test.each(["1.0", "1.1"])("are the same over HTTP/%s, kept open or not", async (version) => {
    const { answers } = await sameCall(world, { version, body: say("hello") });
    expect(answers[0]?.[0]).toBe("HTTP/1.1 200 OK");
    const kept = {
      path,
      version,
      keepsAlive: true,
      headers: [["connection", "keep-alive"]],
    } as const;
    const more = await same(world, async (way) =>
      exchange(
        world.port,
        Buffer.concat([wire(way, { ...kept, body: say("hello") }), wire(way, { path, body: "{" })]),
      ),
    );
    expect(more.answers).toHaveLength(2);
  });

  test.each(["GET", "HEAD", "PUT", "OPTIONS", "DELETE"])(
    "agree about the verb %s",
    async (verb) => {
      const { handled } = await sameCall(world, { verb, body: "" });
      expect(handled).toEqual([]);
    },
  );

  test("are the same for whatever comes", async () => {
    const small = fc.string({
      unit: fc.constantFrom(...Array.from("abcxyz \t,;=%")),
      maxLength: 12,
    });
    const header = fc.oneof(
      fc.tuple(fc.constant("accept-encoding"), fc.constantFrom("gzip", "br, gzip", "identity")),
      fc.tuple(fc.constant("connect-timeout-ms"), fc.constantFrom("5000", "x", "-1", "9999999999")),
      fc.tuple(fc.constantFrom("idempotency-key", "cookie", "x-many", "X-One"), small),
      fc.tuple(fc.constant("authorization"), fc.constantFrom("Bearer x", `Bearer ${token}`)),
      fc.tuple(fc.constant("x-forwarded-for"), fc.ipV4()),
    );
    const body = fc.oneof(
      fc.constantFrom(...words.filter((word) => word !== "soon")).map(say),
      fc.constantFrom(...Object.values(bodies)).map((make) => make(say)),
      small.map(say),
      fc.string({ unit: "binary", maxLength: 50 }).map(say),
      fc.nat(2 * MAX_BYTES).map((length) => say("x".repeat(length))),
      fc.json({ maxDepth: 2 }),
      fc.uint8Array({ maxLength: 40 }),
    );
    const framing = fc.oneof(
      fc.constant("length" as const),
      fc.integer({ min: 1, max: 5000 }).map((chunkBytes) => ({ chunkBytes })),
    );
    const sent = fc.record({
      headers: fc.array(header, { maxLength: 4 }),
      body,
      framing,
      version: fc.constantFrom("1.1", "1.1", "1.0"),
    });
    await fc.assert(
      fc.asyncProperty(sent, async (one) => {
        expect((await sameCall(world, one)).answers).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });
});

const service = "mizan.testing.v1.GuardedService";

test.each<[string, [string, string][], number]>([
  ["Own", [], 401],
  ["Own", [["authorization", "Basic eDp5"]], 401],
  ["Own", [["authorization", `bearer ${token}`]], 200],
  ["Manage", [["authorization", `Bearer ${token}`]], 403],
  ["Serve", [["authorization", `Bearer ${token}`]], 403],
  ["Bare", [], 403],
  ["Open", [], 200],
  ["WriteKeyed", [], 400],
  ["WriteKeyed", [["idempotency-key", "k"]], 501], // nobody has written it
  ["Login", [], 429], // its class is held to a rate
  ["Watch", [], 415], // a stream
  ["Nothing", [], 404],
])("both ways agree about who may call %s with %o", async (method, headers, status) => {
  const seen = await sameCall(worlds.guarded, {
    path: `${service}/${method}`,
    headers,
    body: "{}",
  });
  expect(seen.answers[0]?.[0]).toMatch(`HTTP/1.1 ${status}`);
  expect(seen.counted.length).toBe(method === "Nothing" ? 0 : 1);
});

test.each(["replay", "replay refuse"])("both ways tell that an answer is old: %s", async (text) => {
  const { answers } = await sameCall(worlds.guarded, { body: JSON.stringify({ text }) });
  expect(answers[0]).toContain("idempotent-replayed: true");
});

test("both ways refuse a call for which there is no place", async () => {
  const never = new AbortController().signal;
  const waiting = [];
  let taken = 0;
  for (; waiting.length === 0; taken += 1)
    waiting.push(...[admission.enter("MONEY", never) ?? []].flat());
  const last = Promise.all(waiting).catch((reason: unknown) => reason);
  const { guarded: world } = worlds;
  const call = async (way: Way) =>
    exchange(world.port, wire(way, { path: world.path, body: "{}" }));
  const [plain, own] = [await world.seen("plain", call), await world.seen("connect", call)];
  expect(reasonOf(await last)).toBe("OVERLOADED");
  for (; taken > 1; taken -= 1) admission.leave("MONEY", { method: "x", noticeableMs: 25 });
  expect(plain.handled).toEqual([]);
  expect(plain.told).toMatchObject([{ reason: "OVERLOADED" }]);
  expect(withoutLot(plain)).toEqual(withoutLot(own));
});

/** What was seen of a refusal without the time to wait, which is drawn by lot. */
function withoutLot(seen: Seen): unknown {
  return JSON.parse(
    JSON.stringify(seen).replaceAll(/\b[123]\d\d(?= ms|\\"|")|(?<=value\\":\\")[\w+/]+/g, "x"),
  );
}

describe.each([
  ["guarded", guarded, worlds.guarded],
  ["bare", bare, worlds.bare],
] as const)("an edge that is %s and drains", (_name, open, { path, say }) => {
  test.each(["wait", "soon"])("ends both ways in the same manner: %s", async (word) => {
    const seen: Seen[] = [];
    for (const way of ["plain", "connect"] as const) {
      await using world = await open();
      const one = await world.seen(way, async () => {
        const all = exchange(world.port, wire(way, { path, body: say(word) }));
        await vi.waitFor(() => expect(world.contexts).toHaveLength(1));
        await world.drain(word === "wait" ? 10 : 5000);
        return all;
      });
      expect(one.handled).toMatchObject([{ way }]);
      seen.push({ ...one, handled: [] });
    }
    expect(seen[0]).toEqual(seen[1]);
    const status = word === "wait" ? "503 Service Unavailable" : "200 OK";
    expect(seen[0]?.answers[0]?.[0]).toBe(`HTTP/1.1 ${status}`);
  });
});

test("a plain call leaves no timer, whatever becomes of it", async () => {
  const { path, say, port } = worlds.bare;
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const headers = [["connect-timeout-ms", "600000"]] as const;
  const before = timers();
  for (const word of ["hello", "refuse", "throw", "unwritable error", "bad head", "not JSON"]) {
    const body = word === "not JSON" ? "{" : say(word);
    for (let n = 0; n < 5; n += 1) await exchange(port, wire("plain", { path, body, headers }));
  }
  expect(timers() - before).toBeLessThan(5);
});

test("an answer that has to wait for another one is whole in both ways", async () => {
  const { path, say, port, contexts } = worlds.bare;
  const seen = await same(worlds.bare, async (way) => {
    const stubborn = wire(way, { path, body: say("stubborn"), keepsAlive: true });
    const all = exchange(port, Buffer.concat([stubborn, wire(way, { path, body: say("large") })]));
    await vi.waitFor(() => expect(contexts).toHaveLength(2));
    release();
    return all;
  });
  const last = seen.answers.map((lines) => lines.at(-1));
  expect(last).toEqual([say("stubborn"), say("x".repeat(5000))]);
});

test.each(["plain", "connect"] as const)(
  "a %s call that comes when the time of a drain is over ends at once",
  async (way) => {
    await using world = await bare();
    const { path, say } = worlds.bare;
    const socket = connect(world.port, "127.0.0.1");
    const all = received(socket);
    socket.write(wire(way, { path, body: say("stubborn"), keepsAlive: true }));
    await vi.waitFor(() => expect(world.contexts).toHaveLength(1));
    const drained = world.drain(0);
    await vi.waitFor(() => expect(world.contexts[0]?.signal.aborted).toBe(true));
    socket.write(wire(way, { path, body: say("wait") }));
    await vi.waitFor(() => expect(world.contexts).toHaveLength(2));
    release();
    const statuses = [...(await all).matchAll(/HTTP\S+ (\d+)/g)].map(([, status]) => status);
    expect(statuses).toEqual(["200", "503"]);
    await drained;
  },
);

describe("a gate", () => {
  const { path, say } = worlds.bare;
  const body = say("hello");

  test.each<[string, EdgeOptions["gate"] & {}, number]>([
    [
      "refuses",
      (context) => {
        context.responseHeader.set("x-gate", "1");
        context.responseTrailer.set("x-gate", "2");
        throw refused();
      },
      429,
    ],
    ["throws what has no reason", () => throwing(Code.Unauthenticated), 401],
    ["throws a mistake of the caller", () => throwing(Code.InvalidArgument), 400],
    ["throws what is too large", () => throwing(Code.ResourceExhausted), 413],
    ["breaks", async () => Promise.reject(new Error("the canary")), 400],
    ["takes its time", async () => sleep(20), 200],
  ])("that %s does so in both ways", async (_name, gate, status) => {
    await using world = await bare({ gate });
    const { answers } = await same(world, async (way) =>
      exchange(world.port, wire(way, { path, body })),
    );
    expect(answers[0]?.[0]).toMatch(`HTTP/1.1 ${status}`);
    expect(JSON.stringify(answers)).not.toContain("canary");
    const large = { path, body: say("x".repeat(9000)), keepsAlive: true };
    const more = await same(world, async (way) =>
      exchange(world.port, Buffer.concat([wire(way, large), wire(way, { path, body })])),
    );
    expect(more.answers).toHaveLength(2);
  });

  test("does not keep a call whose caller leaves meanwhile", async () => {
    let isAsked = false;
    await using world = await bare({
      gate: async ({ signal }) => {
        isAsked = true;
        await once(signal, "abort");
        await sleep(10); // until the request has been ended too
      },
    });
    const seen = await same(world, async (way) => {
      isAsked = false;
      const socket = connect(world.port, "127.0.0.1");
      socket.write(wire(way, { path, framing: { saysBytes: 100 }, body }));
      await vi.waitFor(() => expect(isAsked).toBe(true));
      socket.destroy();
      await vi.waitFor(() => expect(world.counted).toHaveLength(1));
      return "";
    });
    expect(seen.logged).toMatchObject([{ reason: "MALFORMED_REQUEST", msg: "refused" }]);
  });
});

function throwing(code: Code): never {
  throw new ConnectError("told", code, { "x-hint": "a", "content-type": "text/plain" });
}

const plainType = "application/json; charset=utf-8";

test.each<[string, Partial<Sent>]>([
  ["plain JSON", { type: "application/json" }],
  ["JSON in capitals", { type: "Application/JSON;charset=UTF-8" }],
  ["the version of Connect", { type: plainType, headers: [["connect-protocol-version", "1"]] }],
  ["a deadline", { type: plainType, headers: [["connect-timeout-ms", "1000"]] }],
])("the short way is gone with %s", async (_name, sent) => {
  const { answers, handled } = await askOnce({ body: '"hello"', ...sent });
  expect(handled).toMatchObject([{ way: "plain" }]);
  expect(answers[0]).toContain("HTTP/1.1 200 OK");
});

const gzip = ["content-encoding", "gzip"] as const;

test.each<[string, Partial<Sent>]>([
  ["a compressed request", { body: gzipSync('"hello"'), headers: [gzip] }],
  ["one that says that it is not", { headers: [["content-encoding", "identity"]] }],
  ["a question in the address", { path: "mizan.testing.v1.PublicService/Ask?x" }],
  ["a deadline of gRPC", { headers: [["grpc-timeout", "1S"]] }],
  ["protobuf", { type: "application/proto", body: "\u000a\u0005hello" }],
  ["gRPC-Web", { type: "application/grpc-web+proto", body: "\0\0\0\0\u0007\u000a\u0005hello" }],
  [
    "a read as GET",
    {
      verb: "GET",
      path: "mizan.testing.v1.PublicService/Read?connect=v1&encoding=json&message=%22hello%22",
      body: "",
    },
  ],
])("Connect's way is gone with %s", async (_name, sent) => {
  const { answers, handled } = await askOnce({ body: '"hello"', type: plainType, ...sent });
  expect(handled).toMatchObject([{ way: "connect" }]);
  expect(answers[0]).toContain("HTTP/1.1 200 OK");
});

test.each([
  "application/json; charset=latin1",
  "application/json; x",
  "text/json",
  "application/json,",
])("nobody is answered with the content type %s", async (type) => {
  const { answers, handled } = await askOnce({ type });
  expect(handled).toEqual([]);
  expect(answers[0]).toContain("HTTP/1.1 415 Unsupported Media Type");
});

async function askOnce(sent: Partial<Sent>): Promise<Seen> {
  const { bare: world } = worlds;
  return world.seen("plain", async (way) =>
    exchange(world.port, wire(way, { path: world.path, ...sent })),
  );
}
