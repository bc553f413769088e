import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { constraintsOf, isRequired, listConstraintsOf } from "./constraints.ts";
import { commentOf, type Json, schemaReference } from "./json.ts";

type Type = DescMessage | DescEnum;

/** The schemas of the given types and of all that they are made of, by full name. */
export function schemasOf(roots: readonly Type[]): Json {
  const found = new Set<Type>();
  const visit = (desc: Type | undefined) => {
    if (desc === undefined || found.has(desc) || desc.typeName in wellKnown) return;
    found.add(desc);
    if (desc.kind === "message") desc.fields.forEach((field) => visit(field.message ?? field.enum));
  };
  roots.forEach(visit);
  const sorted = [...found].toSorted((a, b) => (a.typeName < b.typeName ? -1 : 1));
  return Object.fromEntries(sorted.map((desc) => [desc.typeName, schemaOf(desc)]));
}

/** The schema that a field or a body points to. */
export function referenceTo(desc: Type): Json {
  return wellKnown[desc.typeName] ?? schemaReference(desc.typeName);
}

function schemaOf(desc: Type): Json {
  if (desc.kind === "enum") return enumeration(desc);
  const required = desc.fields.filter(isRequired).map(({ jsonName }) => jsonName);
  const properties = desc.fields.map((field) => [field.jsonName, property(field)]);
  return {
    type: "object",
    description: commentOf(desc),
    properties: Object.fromEntries(properties),
    ...(required.length > 0 && { required }),
  };
}

function enumeration(desc: DescEnum): Json {
  const values = desc.values.map((value) => `- \`${value.name}\`: ${commentOf(value)}`);
  return {
    type: "string",
    description: [commentOf(desc), "", ...values].join("\n"),
    enum: desc.values.map(({ name }) => name),
  };
}

function property(field: DescField): Json {
  const description = commentOf(field);
  const named = field.message ?? field.enum;
  const one = named ? referenceTo(named) : scalar(field.scalar!);
  if (field.fieldKind === "map") return { type: "object", description, additionalProperties: one };
  if (field.fieldKind !== "list") return { ...one, description, ...constraintsOf(field) };
  const items = { ...one, ...constraintsOf(field) };
  return { type: "array", description, items, ...listConstraintsOf(field) };
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
