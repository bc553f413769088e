import { create } from "@bufbuild/protobuf";
import { ViolationsSchema } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import type { ConnectError } from "@connectrpc/connect";

/** What is wrong with a field of a request, such as `order.price` and `must be more than 0`. */
export type FieldProblem = { readonly field: string; readonly problem: string };

/** The problems in one sentence without its full stop, each with its field. */
export function sayProblems(problems: readonly FieldProblem[]): string {
  return problems.map(({ field, problem }) => `${field} ${problem}`).join("; ");
}

/** Names the fields that an error is about as a broken contract does: with protovalidate's Violations. */
export function aboutFields(error: ConnectError, problems: readonly FieldProblem[]): ConnectError {
  const violations = problems.map(({ field, problem }) => {
    const elements = field.split(".").map((fieldName) => ({ fieldName }));
    return { field: { elements }, message: problem };
  });
  const value = create(ViolationsSchema, { violations });
  if (problems.length > 0) error.details.push({ desc: ViolationsSchema, value });
  return error;
}
