import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { constraintsOf } from "./constraints.ts";
import { commentOf, type Json } from "./json.ts";

/** A request or an answer as somebody might see it; a test sends every request to the validator. */
export function exampleOf(desc: DescMessage, depth = 0): unknown {
  if (desc.typeName in times) return times[desc.typeName];
  const shown = desc.fields.filter(({ localName }) => !omitted.has(localName));
  const values = shown.map((field) => [field.jsonName, valueOf(field, depth)]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

/** What most callers leave out: who repeats the example by hand wants a new effect. */
const omitted = new Set(["requestId", "pageToken", "ownerId"]);

const times: Record<string, string> = {
  "google.protobuf.Timestamp": "2026-11-21T08:30:00Z",
  "google.protobuf.Duration": "30s",
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
  const usual = texts[field.localName];
  if (field.enum !== undefined)
    return usual ?? (field.enum.values[1] ?? field.enum.values[0])?.name;
  switch (field.scalar) {
    case ScalarType.BOOL:
      return true;
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

/** The example of the field's name, of its comment or of its format, whichever there is. */
function textOf(field: DescField): string {
  const [, quoted] = / such as "([^"]+)"/.exec(commentOf(field)) ?? [];
  const { format, anyOf } = constraintsOf(field) as Json & { anyOf?: readonly Json[] };
  const known =
    texts[field.localName] ?? quoted ?? formats[String(format ?? anyOf?.[1]?.["format"])];
  return known ?? (/(^id|Ids?)$/.test(field.localName) ? id : "text");
}

const id = "01939c1e-5d6f-7cc3-98c4-dc0c0c07398f";
const formats: Record<string, string> = { uuid: id, email: "sara@example.com" };
const numbers: Record<string, number> = { pageSize: 50, expiresIn: 600 };
const texts: Record<string, string> = {
  accessToken: "eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl",
  amount: "250000.00",
  asset: "IRR",
  bound: "1000.00",
  nextPageToken: "",
  password: "seven quiet rivers",
  reference: "invoice 17",
  refreshToken: "mzr_the-token-that-came-last",
  side: "SIDE_CREDIT",
  username: "sara",
};
