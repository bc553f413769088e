import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Page } from "../edge.ts";
import { DOCS_AGE_S } from "../limits.ts";
import type { Log } from "../log.ts";
import { redocPage, redocStart, swaggerPage, swaggerStart } from "./docs-pages.ts";
import { answerError, answerStatus, refusal } from "./refusals.ts";

/** Where the pages come from: an address of a file, or the text itself. */
type Source = { readonly type: string; readonly file?: URL; readonly text?: string };

/** What is sent, made at the first request for it. */
type Body = { readonly plain: Buffer; readonly zipped: Buffer; readonly tag: string };

/**
 * Serves the OpenAPI document at /api/schema, Swagger UI at /api/docs and Redoc at /api/redoc, all
 * from this machine. The pages run nothing but their own scripts and speak to their own origin.
 */
export function docs({ document, log }: { readonly document: URL; readonly log: Log }): Page {
  const sources = sourcesOf(document);
  const bodies = new Map<string, Promise<Body>>();
  return (request, response, path) => {
    const name = path.replace(/(?<=.)\/$/, "");
    const source = Object.hasOwn(sources, name) ? sources[name] : undefined;
    if (source === undefined) return false;
    const { method = "" } = request;
    if (method !== "GET" && method !== "HEAD") {
      answerStatus(response, 405, { verbs: ["GET", "HEAD"] });
      return true;
    }
    const body = bodies.get(name) ?? load(source);
    bodies.set(name, body);
    body.then(
      (loaded) => send(request, response, [source, loaded]),
      (error: unknown) => {
        bodies.delete(name);
        log.error({ err: error, path: name }, "a page of the documentation can't be read");
        answerError(response, refusal("INTERNAL"));
      },
    );
    return true;
  };
}

function sourcesOf(document: URL): Readonly<Record<string, Source>> {
  return {
    "/api/schema": { type: "application/json", file: document },
    "/api/docs": { type: types.html, text: swaggerPage },
    "/api/docs/start.js": { type: types.script, text: swaggerStart },
    "/api/docs/swagger-ui.css": {
      type: types.style,
      file: new URL(import.meta.resolve("swagger-ui-dist/swagger-ui.css")),
    },
    "/api/docs/swagger-ui-bundle.js": {
      type: types.script,
      file: new URL(import.meta.resolve("swagger-ui-dist/swagger-ui-bundle.js")),
    },
    "/api/redoc": { type: types.html, text: redocPage },
    "/api/redoc/start.js": { type: types.script, text: redocStart },
    "/api/redoc/redoc.js": {
      type: types.script,
      file: new URL(import.meta.resolve("redoc/bundles/redoc.standalone.js")),
    },
  };
}

const types = {
  html: "text/html; charset=utf-8",
  script: "text/javascript; charset=utf-8",
  style: "text/css; charset=utf-8",
} as const;

async function load({ file, text = "" }: Source): Promise<Body> {
  const plain = file === undefined ? Buffer.from(text) : await readFile(fileURLToPath(file));
  const zipped = await promisify(gzip)(plain);
  const tag = `"${createHash("sha256").update(plain).digest("base64url").slice(0, 22)}"`;
  return { plain, zipped, tag };
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  [{ type }, { plain, zipped, tag }]: [Source, Body],
): void {
  const zip = /\bgzip\b/.test(String(request.headers["accept-encoding"]));
  response.setHeaders(new Map(Object.entries({ ...pageHeaders, "content-type": type, etag: tag })));
  if (request.headers["if-none-match"] === tag) {
    response.writeHead(304).end();
    return;
  }
  const body = zip ? zipped : plain;
  if (zip) response.setHeader("content-encoding", "gzip");
  response.setHeader("vary", "accept-encoding, origin");
  response.writeHead(200, { "content-length": body.byteLength });
  response.end(request.method === "HEAD" ? undefined : body);
}

/** Redoc and Swagger UI put styles into the page; everything else has to come from here. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const pageHeaders = {
  "cache-control": `public, max-age=${DOCS_AGE_S}`,
  "content-security-policy": policy,
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
};
