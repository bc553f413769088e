// A Buf plugin that describes the public face of the contract, Connect's HTTP/JSON, in OpenAPI 3.1.
// Every method passes here, so this is also where a method without an access rule stops the build.
import {
  type DescEnum,
  type DescExtension,
  type DescField,
  type DescMessage,
  type DescMethod,
  getOption,
  hasOption,
  ScalarType,
} from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import { createEcmaScriptPlugin, getComments, runNodeJs, type Schema } from "@bufbuild/protoplugin";
import * as validate from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";

type Json = Record<string, unknown>;
type Method = { method: DescMethod; audience: string[] };

runNodeJs(
  createEcmaScriptPlugin({
    name: "protoc-gen-openapi",
    version: "v1",
    generateTs(schema) {
      const file = schema.generateFile("openapi.json");
      file.print(JSON.stringify(documentOf(publicMethods(schema)), null, 2));
    },
  }),
);

/** The methods that somebody outside may call, in the order of the contract. */
function publicMethods({ files, allFiles }: Schema): Method[] {
  const extensions = allFiles.flatMap((file) => file.extensions);
  const rule = extensions.find(({ typeName }) => typeName === "mizan.access.v1.rule");
  if (rule?.message === undefined) throw new Error("The inputs lack mizan.access.v1.rule.");
  return files
    .filter(({ proto }) => proto.package.startsWith("mizan.")) // gRPC's own services have no rule
    .flatMap((file) => file.services.flatMap((service) => service.methods))
    .map((method) => ({ method, audience: audienceOf(method, rule) }))
    .filter(({ audience }) => audience.some((name) => name !== "AUDIENCE_SERVICE"))
    .filter(({ method }) => method.methodKind === "unary");
}

function audienceOf(method: DescMethod, rule: DescExtension): string[] {
  const { audience, callers } = getOption(method, rule) as {
    audience: number[];
    callers: string[];
  };
  const names = rule.message!.field["audience"]!.enum!.value;
  const found = audience.map((number) => names[number]!.name);
  const wrong = (why: string) => new Error(`${method.toString()}: ${why}`);
  if (found.length === 0) throw wrong("the method has no access rule");
  if (audience.includes(0)) throw wrong("AUDIENCE_UNSPECIFIED is not an audience");
  if (found.includes("AUDIENCE_SERVICE") && callers.length === 0) throw wrong("no caller is named");
  return found;
}

function documentOf(methods: Method[]): Json {
  const types = typesOf(methods.flatMap(({ method }) => [method.input, method.output]));
  const schemas = types.map((desc) => [
    desc.typeName,
    desc.kind === "enum" ? enumeration(desc) : message(desc),
  ]);
  return {
    openapi: "3.1.0",
    info: { title: "Mizan", version: "v1" },
    paths: Object.fromEntries(methods.map((method) => [pathOf(method.method), item(method)])),
    components: {
      schemas: { ...Object.fromEntries(schemas), Error: error },
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
    },
  };
}

function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function item({ method, audience }: Method): Json {
  const operation = (verb: string) => ({
    operationId: `${method.parent.name}.${method.name}${verb}`,
    tags: [method.parent.name],
    description: comment(method),
    "x-audience": audience.map((name) => name.replace("AUDIENCE_", "")),
    security: audience.includes("AUDIENCE_PUBLIC") ? [] : [{ token: [] }],
  });
  const responses = {
    200: { description: "Success", ...json(reference(method.output)) },
    default: { description: "Error", ...json({ $ref: "#/components/schemas/Error" }) },
  };
  const body = { required: true, ...json(reference(method.input)) };
  return {
    post: { ...operation(""), requestBody: body, responses },
    ...(method.idempotency === Idempotency.NO_SIDE_EFFECTS && {
      get: { ...operation(".Get"), parameters: query(method.input), responses },
    }),
  };
}

/** How a request that changes nothing fits in a URL, which lets caches keep the answer. */
function query(input: DescMessage): Json[] {
  const parameter = (name: string, rest: Json) => ({ name, in: "query", required: true, ...rest });
  return [
    parameter("connect", { schema: { const: "v1" } }),
    parameter("encoding", { schema: { const: "json" } }),
    parameter("message", json(reference(input))),
  ];
}

function json(schema: Json): Json {
  return { content: { "application/json": { schema } } };
}

/** Every type that the given ones are made of, each once. */
function typesOf(roots: (DescMessage | DescEnum)[]): (DescMessage | DescEnum)[] {
  const found = new Set<DescMessage | DescEnum>();
  const visit = (desc: DescMessage | DescEnum | undefined) => {
    if (desc === undefined || found.has(desc) || desc.typeName in wellKnown) return;
    found.add(desc);
    if (desc.kind === "message") desc.fields.forEach((field) => visit(field.message ?? field.enum));
  };
  roots.forEach(visit);
  return [...found].toSorted((a, b) => (a.typeName < b.typeName ? -1 : 1));
}

function message(desc: DescMessage): Json {
  const required = desc.fields.filter((field) => rulesOf(field)?.required);
  const properties = desc.fields.map((field) => [
    field.jsonName,
    { description: comment(field), ...value(field) },
  ]);
  return {
    type: "object",
    description: comment(desc),
    properties: Object.fromEntries(properties),
    ...(required.length > 0 && { required: required.map(({ jsonName }) => jsonName) }),
  };
}

function enumeration(desc: DescEnum): Json {
  const names = desc.values.map(({ name }) => name);
  return { type: "string", description: comment(desc), enum: names };
}

function value(field: DescField): Json {
  const named = field.message ?? field.enum;
  const one = named ? reference(named) : scalar(field.scalar!);
  if (field.fieldKind === "list") return { type: "array", items: one };
  if (field.fieldKind === "map") return { type: "object", additionalProperties: one };
  return { ...one, ...constraints(rulesOf(field)) };
}

function rulesOf(field: DescField): validate.FieldRules | undefined {
  return hasOption(field, validate.field) ? getOption(field, validate.field) : undefined;
}

function constraints(rules: validate.FieldRules | undefined): Json {
  if (rules?.type.case === "int32") {
    const { greaterThan: low, lessThan: high } = rules.type.value;
    return {
      ...(low.case === "gte" && { minimum: low.value }),
      ...(high.case === "lte" && { maximum: high.value }),
    };
  }
  if (rules?.type.case !== "string") return {};
  const { pattern, minLen, maxLen, wellKnown: format } = rules.type.value;
  return {
    ...(pattern && { pattern }),
    ...(minLen && { minLength: Number(minLen) }),
    ...(maxLen && { maxLength: Number(maxLen) }),
    ...(format.value === true && { format: format.case }),
  };
}

function scalar(type: ScalarType): Json {
  switch (type) {
    case ScalarType.BOOL:
      return { type: "boolean" };
    case ScalarType.STRING:
      return { type: "string" };
    case ScalarType.BYTES:
      return { type: "string", contentEncoding: "base64" };
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return { type: "number" };
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return { type: "string", format: "int64" };
    default:
      return { type: "integer", format: "int32" };
  }
}

const wellKnown: Record<string, Json> = {
  "google.protobuf.Timestamp": { type: "string", format: "date-time" },
  "google.protobuf.Duration": { type: "string", pattern: "^-?[0-9]+([.][0-9]{1,9})?s$" },
};

/** The error of the Connect protocol; each reason travels in a mizan.error.v1.ErrorInfo. */
const error: Json = {
  type: "object",
  properties: {
    code: { type: "string", examples: ["failed_precondition"] },
    message: { type: "string" },
    details: {
      type: "array",
      items: {
        type: "object",
        properties: {
          type: { type: "string", examples: ["mizan.error.v1.ErrorInfo"] },
          value: { type: "string", contentEncoding: "base64" },
          debug: { type: "object" },
        },
      },
    },
  },
  required: ["code"],
};

function reference(desc: DescMessage | DescEnum): Json {
  return wellKnown[desc.typeName] ?? { $ref: `#/components/schemas/${desc.typeName}` };
}

function comment(desc: Parameters<typeof getComments>[0]): string {
  return (getComments(desc).leading ?? "").trim().replace(/\n ?/g, " ");
}
