import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Edge, startEdge } from "../edge.ts";
import { createLog } from "../log.ts";
import { createTelemetry } from "../telemetry.ts";
import { docs } from "./docs.ts";

const lines: string[] = [];
const log = createLog({
  name: "testing",
  level: "info",
  to: { write: (line) => lines.push(line) },
});
const telemetry = createTelemetry("testing");
let edge: Edge;
let origin: string;

beforeAll(async () => {
  edge = await serve("gen/openapi.json");
  origin = `http://127.0.0.1:${edge.port}`;
});
afterAll(async () => {
  await edge[Symbol.asyncDispose]();
  telemetry[Symbol.dispose]();
});

test.each(["/api/schema", "/api/schema/"])("%s is the document", async (path) => {
  const response = await fetch(origin + path);
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(await response.json()).toMatchObject({ openapi: "3.1.0", info: { title: "Mizan" } });
});

test.each(["/api/docs", "/api/docs/", "/api/redoc", "/api/redoc/"])(
  "%s is a page whose every part comes from this machine",
  async (path) => {
    const response = await fetch(origin + path);
    const page = await response.text();
    const parts = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, part]) => part ?? "");
    expect(parts.filter((part) => !/^\/api\/|^data:/.test(part))).toEqual([]);
    for (const part of parts.filter((name) => name.startsWith("/"))) {
      const found = await fetch(origin + part);
      expect([part, found.status, (await found.text()).length > 100]).toEqual([part, 200, true]);
    }
    const policy = response.headers.get("content-security-policy");
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).not.toMatch(/unsafe-eval|https?:|\*/);
  },
);

test("a browser that has a page is not sent it again", async () => {
  const etag = (await fetch(`${origin}/api/docs`)).headers.get("etag") ?? "";
  const again = await fetch(`${origin}/api/docs`, { headers: { "if-none-match": etag } });
  expect([again.status, await again.text()]).toEqual([304, ""]);
});

test("a page is compressed for who can read it", async () => {
  const [zipped, plain] = await Promise.all(
    ["gzip", "identity"].map((encoding) =>
      fetch(`${origin}/api/redoc/redoc.js`, { headers: { "accept-encoding": encoding } }),
    ),
  );
  expect(zipped?.headers.get("content-encoding")).toBe("gzip");
  expect(await zipped?.text()).toBe(await plain?.text());
});

test("only reading is allowed, and only what there is", async () => {
  expect((await fetch(`${origin}/api/docs`, { method: "POST" })).status).toBe(405);
  expect((await fetch(`${origin}/api/docs`, { method: "HEAD" })).status).toBe(200);
  expect((await fetch(`${origin}/api/docs/../../package.json`)).status).toBe(404);
  expect((await fetch(`${origin}/api/docs/constructor`)).status).toBe(404);
});

test("a document that is missing is a clear error, and is asked for again later", async () => {
  await using broken = await serve("gen/missing.json");
  const response = await fetch(`http://127.0.0.1:${broken.port}/api/schema`);
  expect([response.status, await response.json()]).toMatchObject([500, { code: "internal" }]);
  expect(lines.at(-1)).toContain("missing.json");
});

function serve(document: string): Promise<Edge> {
  return startEdge({
    host: "127.0.0.1",
    port: 0,
    log,
    telemetry,
    trustedProxies: [],
    allowedOrigins: [],
    interceptors: [],
    contract: [],
    pages: [docs({ document: pathToFileURL(document), log })],
  });
}
