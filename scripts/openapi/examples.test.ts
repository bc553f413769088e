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
import { ruleOf } from "#mesh/rule.ts";

type Media = { content: { "application/json": { example: JsonValue } } };
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

// The messages of a stream come in envelopes, of which nobody makes one by hand.
const unary = methods.filter(({ methodKind }) => methodKind === "unary");

test.each(unary.map((method) => [method.toString(), method] as const))(
  "the example of %s is a request that passes, and an answer that exists",
  (_name, method) => {
    const { post } = document.paths[`/${method.parent.typeName}/${method.name}`]!;
    const request = fromJson(method.input, post.requestBody.content["application/json"].example);
    expect(validator.validate(method.input, request as Message)).toMatchObject({ kind: "valid" });
    const answer = post.responses[200].content["application/json"].example;
    expect(() => fromJson(method.output, answer)).not.toThrow();
  },
);

function isPublic(method: DescMethod): boolean {
  return [...(ruleOf(method)?.audience ?? [])].some((kind) => kind !== Audience.SERVICE);
}
