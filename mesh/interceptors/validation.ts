import type { DescMessage, Message } from "@bufbuild/protobuf";
import { createValidator, violationsToProto } from "@bufbuild/protovalidate";
import type { Interceptor } from "@connectrpc/connect";
import { MAX_VIOLATIONS_LENGTH } from "../limits.ts";
import { refuse } from "./refuse.ts";

/**
 * Refuses requests that break a rule of the contract with VALIDATION_FAILED and what is wrong where
 * (protovalidate's Violations). Each message of a stream is checked as it comes.
 */
export const validate: Interceptor = (next) => async (request) => {
  const { input } = request.method;
  if (!request.stream) {
    check(input, request.message);
    return next(request);
  }
  return next({ ...request, message: checked(input, request.message) });
};

async function* checked<T extends Message>(
  schema: DescMessage,
  messages: AsyncIterable<T>,
): AsyncIterable<T> {
  for await (const message of messages) {
    check(schema, message);
    yield message;
  }
}

/** The patterns of the contract, none of which can be matched in two ways, so that they cost little. */
const patterns = new Map<string, RegExp>();

/** Matches with what is built in, since the library's own engine was most of the time of a check. */
function regexMatch(pattern: string, against: string): boolean {
  const known = patterns.get(pattern) ?? new RegExp(pattern, "u");
  patterns.set(pattern, known);
  return known.test(against);
}

/** Plans each message once, and keeps the plan. */
const validator = createValidator({ regexMatch });

function check(schema: DescMessage, message: Message): void {
  const result = validator.validate(schema, message);
  if (result.kind === "valid") return;
  if (result.kind === "error") throw result.error; // the rule is wrong, not the request
  const [value, desc] = violationsToProto(result.violations);
  const violations = result.violations.join("; ").slice(0, MAX_VIOLATIONS_LENGTH);
  const error = refuse("VALIDATION_FAILED", { violations });
  error.details.push({ desc, value });
  throw error;
}
