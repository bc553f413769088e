import { type DescField, getOption, hasOption } from "@bufbuild/protobuf";
import * as validate from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import type { Json } from "./json.ts";

/** The rules of a field for one value of it: of an item, when the field is a list. */
export function constraintsOf(field: DescField): Json {
  const rules = rulesOf(field);
  if (rules?.type.case === "repeated") return itemConstraints(rules.type.value.items);
  const shown = itemConstraints(rules);
  const mayBeEmpty = rules?.ignore === validate.Ignore.IF_ZERO_VALUE && "format" in shown;
  return mayBeEmpty ? { anyOf: [{ const: "" }, shown] } : shown;
}

/** The rules of a list itself. */
export function listConstraintsOf(field: DescField): Json {
  const rules = rulesOf(field);
  if (rules?.type.case !== "repeated") return {};
  const { minItems, maxItems, unique } = rules.type.value;
  return {
    ...(minItems > 0n && { minItems: Number(minItems) }),
    ...(maxItems > 0n && { maxItems: Number(maxItems) }),
    ...(unique && { uniqueItems: true }),
  };
}

/** Whether a message without the field is refused. */
export function isRequired(field: DescField): boolean {
  const rules = rulesOf(field);
  if (rules === undefined || rules.ignore === validate.Ignore.IF_ZERO_VALUE) return false;
  if (rules.required) return true;
  const { type } = rules;
  switch (type.case) {
    case "string": {
      const { minLen, pattern, wellKnown } = type.value;
      return minLen > 0n || wellKnown.value === true || !new RegExp(pattern, "u").test("");
    }
    case "bytes":
      return type.value.len > 0n || type.value.minLen > 0n;
    case "repeated":
      return type.value.minItems > 0n;
    case "enum":
      return type.value.notIn.includes(0);
    default:
      return false;
  }
}

function rulesOf(field: DescField): validate.FieldRules | undefined {
  return hasOption(field, validate.field) ? getOption(field, validate.field) : undefined;
}

function itemConstraints(rules: validate.FieldRules | undefined): Json {
  switch (rules?.type.case) {
    case "string":
      return text(rules.type.value);
    case "bytes": {
      const { len, minLen, maxLen } = rules.type.value;
      const range = {
        minLength: base64Length(len || minLen),
        maxLength: base64Length(len || maxLen),
      };
      return Object.fromEntries(Object.entries(range).filter(([, length]) => length > 0));
    }
    case "int32":
    case "uint32": {
      const { greaterThan: low, lessThan: high } = rules.type.value;
      return {
        ...(low.case === "gte" && { minimum: low.value }),
        ...(low.case === "gt" && { exclusiveMinimum: low.value }),
        ...(high.case === "lte" && { maximum: high.value }),
        ...(high.case === "lt" && { exclusiveMaximum: high.value }),
      };
    }
    default:
      return {};
  }
}

function text({ pattern, minLen, maxLen, len, wellKnown }: validate.StringRules): Json {
  const [min, max] = [Number(len || minLen), Number(len || maxLen)];
  return {
    ...(pattern && { pattern }),
    ...(min && { minLength: min }),
    ...(max && { maxLength: max }),
    ...(wellKnown.value === true && { format: wellKnown.case }),
  };
}

/** The characters that bytes have in base64 without padding. */
function base64Length(bytes: bigint): number {
  return Math.ceil((Number(bytes) * 4) / 3);
}
