import type { Schema } from "@bufbuild/protoplugin";
import { errorComponents, errorInfoOf } from "./errors.ts";
import type { Json } from "./json.ts";
import { pathItem } from "./operations.ts";
import type { RuledMethod } from "./ruled-methods.ts";
import { schemasOf } from "./schemas.ts";
import { tagsOf } from "./tags.ts";

/** Describes the methods that somebody outside may call over HTTP, and what they are made of. */
export function documentOf(schema: Schema, methods: readonly RuledMethod[]): Json {
  const served = methods.filter(
    // Streams both ways need HTTP/2 and are served over gRPC only (AD-14).
    ({ audience, method }) => audience.length > 0 && method.methodKind !== "bidi_streaming",
  );
  const services = [...new Set(served.map(({ method }) => method.parent))];
  return {
    openapi: "3.1.0",
    info,
    servers: [{ url: "/", description: "Where this document comes from." }],
    ...tagsOf(services),
    paths: Object.fromEntries(served.map(pathItem)),
    components: components(schema, served),
  };
}

function components(schema: Schema, methods: readonly RuledMethod[]): Json {
  const errors = errorComponents(schema);
  const types = methods.flatMap(({ method }) => [method.input, method.output]);
  return {
    schemas: { ...errors.schemas, ...schemasOf([errorInfoOf(schema), ...types]) },
    responses: errors.responses,
    parameters: {
      IdempotencyKey: idempotencyKey,
      NeededIdempotencyKey: { ...idempotencyKey, ...needed },
    },
    headers,
    securitySchemes: { token },
  };
}

const info: Json = {
  title: "Mizan",
  version: "v1",
  summary: "Prepaid money, an exchange, SMS and payouts on one double-entry ledger.",
  description: [
    "Every method is a `POST` of a JSON object to its path; a method that changes nothing is a",
    "`GET` too. The same paths speak [Connect](https://connectrpc.com/docs/protocol) and gRPC-Web.",
    "",
    "**Signing in.** `Login` gives an access token for the header `Authorization: Bearer …`. Who",
    "executes Login in Swagger UI is signed in there.",
    "",
    "**Amounts** are decimal strings in major units, with the code of an asset.",
    "",
    "**Retries.** Send a mutation with an `Idempotency-Key` of your own (or the same text as",
    "`requestId`): a retry gets the first answer again, with the header `idempotent-replayed: true`,",
    "for at least seven days.",
    "",
    "**Errors** have a `code`, a text, and a detail whose `reason` never changes its meaning.",
    "",
    "**Lists** come in pages: pass the `nextPageToken` of a page as `pageToken` for the next one.",
  ].join("\n"),
  license: { name: "Apache-2.0", identifier: "Apache-2.0" },
};

const idempotencyKey: Json = {
  name: "Idempotency-Key",
  in: "header",
  description:
    "Names the request, so that a retry has no second effect. It may stand for requestId.",
  schema: { type: "string", pattern: "^[!-~]{1,255}$" },
};

const needed: Json = {
  required: true,
  description:
    "Names the request, so that a retry has no second effect; a call without it is refused. " +
    "requestId may stand for it.",
};

const headers: Json = {
  CorrelationId: {
    description: "Names the call in the logs of the platform; the caller may choose it.",
    schema: { type: "string" },
  },
  IdempotentReplayed: {
    description: "`true` when the answer is that of an earlier request with the same key.",
    schema: { type: "string", enum: ["true"] },
  },
  RetryAfter: {
    description: "After how many seconds to try again.",
    schema: { type: "integer", minimum: 1 },
  },
};

const token: Json = {
  type: "http",
  scheme: "bearer",
  description: "The access token that Login gives.",
};
