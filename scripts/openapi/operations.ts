import { type DescMessage, type DescMethod } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Level } from "@bufbuild/protobuf/wkt";
import { type Failure, failureResponses } from "./errors.ts";
import { exampleOf } from "./examples.ts";
import { commentOf, type Json, jsonContent } from "./json.ts";
import type { RuledMethod } from "./ruled-methods.ts";
import { referenceTo } from "./schemas.ts";
import { tagOf } from "./tags.ts";

/** The path of a method and its verbs: POST for all, GET for unary reads too (CT-11). */
export function pathItem(ruled: RuledMethod): [path: string, item: Json] {
  const { method } = ruled;
  const path = `/${method.parent.typeName}/${method.name}`;
  const isRead = method.idempotency === Level.NO_SIDE_EFFECTS && method.methodKind === "unary";
  return [path, { post: postOf(ruled), ...(isRead && { get: getOf(ruled) }) }];
}

function postOf(ruled: RuledMethod): Json {
  const { method, replay, keyRequired } = ruled;
  const name = keyRequired ? "NeededIdempotencyKey" : "IdempotencyKey";
  const keyed = replay === "STORED" ? [{ $ref: `#/components/parameters/${name}` }] : [];
  return {
    ...operation(ruled, ""),
    parameters: [...keyed, timeoutParameter(ruled)],
    requestBody: { required: true, ...body(method, method.input) },
    responses: responses(ruled),
  };
}

/** How a request that changes nothing fits in a URL. */
function getOf(ruled: RuledMethod): Json {
  const { input } = ruled.method;
  const message = { name: "message", in: "query", required: true, description: "The request." };
  return {
    ...operation(ruled, ".Get"),
    parameters: [
      { ...message, ...jsonContent(referenceTo(input), exampleOf(input)) },
      word("encoding", "json", true),
      word("connect", "v1", false),
      timeoutParameter(ruled),
    ],
    responses: responses(ruled),
  };
}

function word(name: string, value: string, required: boolean): Json {
  return { name, in: "query", required, schema: { type: "string", enum: [value], default: value } };
}

function operation(ruled: RuledMethod, suffix: string): Json {
  const { method, audience, rateClass, defaultTimeoutMs, maxTimeoutMs } = ruled;
  const description = commentOf(method);
  const reasons = [...new Set(description.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g))];
  return {
    operationId: `${tagOf(method.parent)}.${method.name}${suffix}`,
    tags: [tagOf(method.parent)],
    summary: method.name,
    description: reasons.reduce(
      (text, reason) => text.replace(reason, `\`${reason}\``),
      description,
    ),
    security: securityOf(audience),
    "x-audience": audience,
    "x-rate-class": rateClass,
    "x-default-timeout-ms": defaultTimeoutMs,
    "x-max-timeout-ms": maxTimeoutMs,
    ...(reasons.length > 0 && { "x-reasons": reasons }),
    ...(method.methodKind !== "unary" && { "x-streaming": method.methodKind }),
  };
}

function securityOf(audience: readonly string[]): Json[] {
  const token = { token: [] };
  if (!audience.includes("PUBLIC")) return [token];
  return audience.length > 1 ? [{}, token] : [];
}

function responses(ruled: RuledMethod): Json {
  const { method, replay } = ruled;
  const headers = {
    "x-correlation-id": { $ref: "#/components/headers/CorrelationId" },
    ...(replay === "STORED" && {
      "idempotent-replayed": { $ref: "#/components/headers/IdempotentReplayed" },
    }),
  };
  const done = { description: commentOf(method.output), headers, ...body(method, method.output) };
  return { 200: done, ...failureResponses(failuresOf(ruled)) };
}

function failuresOf({ method, audience, replay }: RuledMethod): Failure[] {
  const names = method.input.fields.map(({ name }) => name).filter((name) => name !== "request_id");
  return [
    "BadRequest",
    ...(audience.includes("PUBLIC") ? [] : (["Unauthenticated", "PermissionDenied"] as const)),
    ...(names.some((name) => /_ids?$/.test(name)) ? (["NotFound"] as const) : []),
    ...(replay === "" || replay === "UNSPECIFIED" ? [] : (["Conflict"] as const)),
    "TooManyRequests",
    "Internal",
    "Unavailable",
    "DeadlineExceeded",
  ];
}

/** A message as JSON; those of a stream come in the envelopes of Connect. */
function body({ methodKind }: DescMethod, message: DescMessage): Json {
  const type = methodKind === "unary" ? "application/json" : "application/connect+json";
  return { content: { [type]: { schema: referenceTo(message), example: exampleOf(message) } } };
}

function timeoutParameter({ defaultTimeoutMs, maxTimeoutMs }: RuledMethod): Json {
  return {
    name: "Connect-Timeout-Ms",
    in: "header",
    description: `How long the call may take, in milliseconds; ${defaultTimeoutMs} when absent.`,
    schema: { type: "integer", minimum: 1, maximum: maxTimeoutMs },
  };
}
