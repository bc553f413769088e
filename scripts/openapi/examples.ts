import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { constraintsOf, isRequired } from "./constraints.ts";
import { usualTexts } from "./example-texts.ts";
import { commentOf, type Json } from "./json.ts";

/** A request or an answer as somebody might see it; a test sends every request to the validator. */
export function exampleOf(desc: DescMessage, depth = 0): unknown {
  if (desc.typeName in times) return times[desc.typeName];
  const shown = desc.fields.filter((field) => isShown(desc, field));
  const values = shown.map((field) => [field.jsonName, valueOf(field, depth)]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

/** Leaves out what most callers do, and what an answer of something that went well has not. */
function isShown(desc: DescMessage, field: DescField): boolean {
  if (omitted.has(field.localName) || omitted.has(`${desc.name}.${field.localName}`)) return false;
  const isPage = "pageToken" in desc.field; // whoever tries it wants to see something
  if (isPage) return isRequired(field) || field.localName === "pageSize";
  return usualText(field) !== undefined || !absent.test(commentOf(field));
}

/** Who repeats the example by hand wants a new effect. */
const omitted = new Set([
  "requestId",
  "pageToken",
  "resumeToken",
  "ownerId",
  "defaults",
  "failure",
  // of an order what a plain one does not have
  ...["expireTime", "quoteLimit", "quoteSize", "reservePrice", "stopPrice", "visibleSize"].map(
    (name) => `NewOrder.${name}`,
  ),
  ...["CancelOrderRequest", "GetOrderRequest"].flatMap((name) => [
    `${name}.market`,
    `${name}.clientOrderId`,
  ]),
  "AmendOrderRequest.stopPrice",
  "WatchOrderBookResponse.delta", // one of the three
  "WatchOrderBookResponse.heartbeat",
  "SetTradeGroupRequest.groupUserId",
]);
const absent =
  /(?:empty|absent|unspecified) (?:otherwise|for none|for all|for the usual|when all is|when it has|is nothing|outside)/;

const times: Record<string, string> = {
  "google.protobuf.Timestamp": "2026-11-21T08:30:00Z",
  "google.protobuf.Duration": "300s",
};

function valueOf(field: DescField, depth: number): unknown {
  if (field.fieldKind === "map") return undefined;
  const one = field.message === undefined ? plainValue(field) : messageValue(field.message, depth);
  return field.fieldKind === "list" && one !== undefined ? [one] : one;
}

function messageValue(desc: DescMessage, depth: number): unknown {
  return depth < 4 ? exampleOf(desc, depth + 1) : undefined;
}

function plainValue(field: DescField): unknown {
  if (field.enum !== undefined) return usualText(field) ?? usualOf(field.enum);
  switch (field.scalar) {
    case ScalarType.BOOL:
      return !exceptions.has(field.localName);
    case ScalarType.STRING:
      return textOf(field);
    case ScalarType.BYTES:
      return "AZOcHl1vfMOYxNwMDAc5jw";
    case ScalarType.INT64:
    case ScalarType.UINT64:
      return "42";
    default:
      return numbers[field.localName] ?? 1;
  }
}

/** What is so of few things. */
const exceptions = new Set(["isBeyond", "isContradicted", "isExpress"]);

/** The value of what went well, else the first one that says something. */
function usualOf({ values }: DescEnum): string | undefined {
  return (values.find(({ name }) => well.test(name)) ?? values[1] ?? values[0])?.name;
}

const well = /STATE_(?:SUCCEEDED|DELIVERED|PASSED|ACTIVE|APPROVED)$/;

/** The example of the field's name, of its comment or of its format, whichever there is. */
function textOf(field: DescField): string {
  const comment = commentOf(field);
  const [, quoted] = / such as "([^"]+)"/.exec(comment) ?? [];
  const { format, pattern, anyOf } = constraintsOf(field) as Json & { anyOf?: readonly Json[] };
  const known = usualText(field) ?? quoted ?? formats[String(format ?? anyOf?.[1]?.["format"])];
  if (known !== undefined) return known;
  if (comment.includes("32 hex digits") || pattern === "^[0-9a-f]{32}$") return hexId;
  return /(^id|Ids?)$/.test(field.localName) ? id : "text";
}

/** What the field is in its message, or what it is everywhere. */
function usualText({ parent, localName }: DescField): string | undefined {
  return usualTexts[`${parent.name}.${localName}`] ?? usualTexts[localName];
}

const id = "01939c1e-5d6f-7cc3-98c4-dc0c0c07398f";
const hexId = id.replaceAll("-", "");
const formats: Record<string, string> = { uuid: id, email: "sara@example.com" };
const numbers: Record<string, number> = { pageSize: 50, expiresIn: 600, scale: 6 };
