import type { ConnectError } from "@connectrpc/connect";
import { codeToHttpStatus } from "@connectrpc/connect/protocol-connect";
import {
  type Violation,
  ViolationsSchema,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { reasonOf } from "../errors.ts";
import type { Problems } from "./fields.ts";

/** How a system that is replaced told its errors. */
export type CompatErrors = {
  /** Where the text is. */
  readonly key: "error" | "detail";
  /** The fields that errors are about: by the reason, or the name in the request of the method. */
  readonly fields?: Readonly<Record<string, string>>;
  /** The texts that clients know, by reason. */
  readonly texts?: Readonly<Record<string, string>>;
  /** The statuses that differ from those of the codes, by reason. */
  readonly statuses?: Readonly<Record<string, number>>;
  /** What clients know the reasons as, where it differs, by reason. */
  readonly codes?: Readonly<Record<string, string>>;
  /** Further fields of the body. */
  readonly extra?: (reason: string, error: ConnectError) => object;
};

/** An answer in plain JSON. */
export type Plain = { readonly status: number; readonly body: object };

/** Tells an error: what is wrong with which fields, else a text with its reason. */
export function answerRefusal(
  error: ConnectError,
  { fields = {}, texts = {}, statuses = {}, codes = {}, extra, key }: CompatErrors,
  problems: Problems | undefined = violationsOf(error, fields),
): Plain {
  if (problems !== undefined) return { status: 400, body: problems };
  const reason = reasonOf(error) ?? "INTERNAL";
  const text = texts[reason] ?? error.rawMessage;
  const field = fields[reason];
  if (field !== undefined) return { status: 400, body: { [field]: [text] } };
  const status = statuses[reason] ?? ours[reason] ?? codeToHttpStatus(error.code);
  return {
    status,
    body: { [key]: text, code: codes[reason] ?? reason, ...extra?.(reason, error) },
  };
}

/** What HTTP has better statuses for than our codes have. */
const ours: Readonly<Record<string, number>> = {
  MESSAGE_TOO_LARGE: 413,
  REQUEST_TOO_SLOW: 408,
  VERB_NOT_ALLOWED: 405,
  JSON_NEEDED: 415,
};

/** What the contract has against the fields of a request, in the names of the replaced system. */
function violationsOf(
  error: ConnectError,
  fields: Readonly<Record<string, string>>,
): Problems | undefined {
  const detail = error.details.find(
    (one) => !("type" in one) && one.desc.typeName === ViolationsSchema.typeName,
  );
  if (detail === undefined || "type" in detail) return undefined;
  const { violations = [] } = detail.value as { violations?: readonly Violation[] };
  const named = violations.map((violation) => {
    const names = violation.field?.elements.map(({ fieldName }) => fieldName) ?? [];
    const name = names.findLast((one) => fields[one] !== undefined) ?? names[0] ?? "";
    return [fields[name] ?? name, `This field ${problemOf(violation)}.`] as const;
  });
  const groups = Map.groupBy(named, ([name]) => name);
  return Object.fromEntries(
    Array.from(groups, ([name, all]) => [name, all.map(([, text]) => text)]),
  );
}

/** What is wrong with a value in words; a pattern would tell people nothing. */
function problemOf({ ruleId, message }: Violation): string {
  return ruleId === "string.pattern" ? "does not have the form that is needed" : message;
}
