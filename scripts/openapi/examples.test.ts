import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  type DescMethod,
  type DescService,
  fromJson,
  type JsonValue,
  type Message,
} from "@bufbuild/protobuf";
import { createValidator } from "@bufbuild/protovalidate";
import { expect, test } from "vitest";
import { Audience } from "#gen/mizan/access/v1/access_pb.ts";
import { ReconciliationService } from "#gen/mizan/settlement/v1/reconciliation_service_pb.ts";
import { ruleOf } from "#mesh/rule.ts";
import { readStatement } from "../../services/settlement/domain/statement-line.ts";

type Media = { content: Record<string, { example: JsonValue }> };
type Operation = { requestBody: Media; responses: { 200: Media } };

const document = JSON.parse(readFileSync("gen/openapi.json", "utf8")) as {
  paths: Record<string, { post: Operation }>;
};
const modules = await Promise.all(
  globSync("gen/mizan/**/*_service_pb.ts").map((file) => import(resolve(file)) as Promise<object>),
);
const methods = modules
  .flatMap((module) => Object.values(module) as DescService[])
  .filter(({ kind }) => kind === "service")
  .flatMap((service) => service.methods)
  .filter(isPublic);
const validator = createValidator();

test("the document has every method that somebody outside may call", () => {
  const paths = methods.map((method) => `/${method.parent.typeName}/${method.name}`);
  expect(Object.keys(document.paths).toSorted()).toEqual(paths.toSorted());
});

test.each(methods.map((method) => [method.toString(), method] as const))(
  "the example of %s is a request that passes, and an answer that exists",
  (_name, method) => {
    const { request, answer } = examplesOf(method);
    const asked = fromJson(method.input, request);
    expect(validator.validate(method.input, asked as Message)).toMatchObject({ kind: "valid" });
    expect(() => fromJson(method.output, answer)).not.toThrow();
    expect(JSON.stringify([request, answer])).not.toMatch(/[:[]"text"/); // no rule knows a better one
  },
);

test("the example of a statement is one, of its day", () => {
  const { request } = examplesOf(ReconciliationService.method.importStatement);
  const { csv, statementDate } = request as Record<string, string>;
  expect([...readStatement(csv!, statementDate!)]).toHaveLength(1);
});

function examplesOf({ parent, name }: DescMethod): Record<"request" | "answer", JsonValue> {
  const { post } = document.paths[`/${parent.typeName}/${name}`]!;
  const [request, answer] = [post.requestBody, post.responses[200]].map(({ content }) => {
    return Object.values(content)[0]!.example; // a stream has a type of its own
  });
  return { request: request!, answer: answer! };
}

/** Streams in both directions need HTTP/2, and are no part of the document. */
function isPublic(method: DescMethod): boolean {
  if (method.methodKind === "bidi_streaming") return false;
  return [...(ruleOf(method)?.audience ?? [])].some((kind) => kind !== Audience.SERVICE);
}
