import type { DescMessage } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { codeToString, errorToJson } from "@connectrpc/connect/protocol-connect";
import type { Schema } from "@bufbuild/protoplugin";
import { failures, type Sample } from "./failures.ts";
import { type Json, jsonContent, schemaReference } from "./json.ts";

/** The name of a failure that a method may answer with. */
export type Failure = keyof typeof failures;

/** Points from the answers of a method to the failures it may give. */
export function failureResponses(names: readonly Failure[]): Json {
  const found = names.map((name) => [
    failures[name][0],
    { $ref: `#/components/responses/${name}` },
  ]);
  const rest = { description: "Any other error.", ...jsonContent(schemaReference("Error")) };
  return { ...Object.fromEntries(found), default: rest };
}

/** The failures and their schema, for the components of the document. */
export function errorComponents(schema: Schema): { responses: Json; schemas: Json } {
  const info = errorInfoOf(schema);
  const responses = Object.entries(failures).map(([name, [status, sample, description]]) => {
    const content = jsonContent(
      schemaReference("Error"),
      errorToJson(errorOf(info, sample), undefined),
    );
    const headers = {
      "x-correlation-id": { $ref: "#/components/headers/CorrelationId" },
      ...(status === 429 && { "retry-after": { $ref: "#/components/headers/RetryAfter" } }),
    };
    return [name, { description, headers, ...content }];
  });
  return {
    responses: Object.fromEntries(responses) as Json,
    schemas: { Error: errorSchema(info) },
  };
}

/** What every error carries; it is looked up, since no method names it. */
export function errorInfoOf({ allFiles }: Schema): DescMessage {
  const messages = allFiles.flatMap((file) => file.messages);
  const info = messages.find(({ typeName }) => typeName === "mizan.error.v1.ErrorInfo");
  if (info === undefined) throw new Error("The inputs lack mizan.error.v1.ErrorInfo.");
  return info;
}

function errorOf(info: DescMessage, [code, reason, text, metadata]: Sample): ConnectError {
  const value = { reason, domain: "mizan.core", metadata };
  return new ConnectError(text, code, undefined, [{ desc: info, value }]);
}

function errorSchema(info: DescMessage): Json {
  const codes = Object.values(Code).filter((code) => typeof code === "number");
  return {
    type: "object",
    description:
      "An error of the Connect protocol. One detail is always a mizan.error.v1.ErrorInfo, whose " +
      "reason a program can rely on; an invalid request also has a buf.validate.Violations.",
    properties: {
      code: { type: "string", enum: codes.map(codeToString) },
      message: { type: "string", description: "What went wrong, for people." },
      details: { type: "array", items: detailSchema(info) },
    },
    required: ["code"],
  };
}

function detailSchema({ typeName }: DescMessage): Json {
  return {
    type: "object",
    properties: {
      type: { type: "string", description: "The full name of the message.", examples: [typeName] },
      value: { type: "string", contentEncoding: "base64", description: "The message in binary." },
      debug: {
        description: "The same message in JSON.",
        anyOf: [schemaReference(typeName), { type: "object" }],
      },
    },
    required: ["type", "value"],
  };
}
