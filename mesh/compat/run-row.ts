import { create } from "@bufbuild/protobuf";
import {
  createContextKey,
  type HandlerContext,
  type Interceptor,
  type MethodImplSpec,
  type UnaryRequest,
} from "@connectrpc/connect";
import { callerKey } from "../access.ts";
import { refusal } from "../edge/refusals.ts";
import { commonOf, contextFor, copy, intercepted } from "../grpc/request.ts";
import { validate } from "../interceptors/validation.ts";
import { createFields, type Fields, type Problems } from "./fields.ts";
import type { CompatRow } from "./row.ts";

/** What a request came with, and what became of it. */
export type Visit = {
  /** Reads the fields; throws when they can't be read at all. */
  input: () => ReadonlyMap<string, unknown>;
  fields?: Fields;
  /** What is wrong with the fields, if that is why the call failed. */
  problems?: Problems | undefined;
  answer?: object;
};

/** Answers a request; throws what the interceptors let out. */
export type RunRow = (context: HandlerContext, visit: Visit) => Promise<object>;

/** What answers a method, as the contract binds it. */
export type Implementation = (MethodImplSpec & { readonly kind: "unary" })["impl"];

/**
 * Puts the interceptors around a row, as they are around its method. The fields are read once the
 * caller is known and let in, right before the request is validated.
 */
export function rowRunner(
  row: CompatRow,
  implementation: Implementation,
  interceptors: readonly Interceptor[],
): RunRow {
  const { method } = row;
  const last = async (request: UnaryRequest) => {
    const context = contextFor(request);
    const visit = request.contextValues.get(visitKey)!;
    let output = create(method.output); // the log looks at it; what is sent is another
    const ask = async () => {
      output = create(method.output, await implementation(request.message, context));
      return output;
    };
    const { message } = request;
    visit.answer = await row.answer({ request: message, fields: visit.fields!, context, ask });
    const { responseHeader: header, responseTrailer: trailer } = context;
    return { stream: false, service: method.parent, method, header, trailer, message: output };
  };
  const place = interceptors.indexOf(validate);
  const chain = interceptors.toSpliced(place === -1 ? interceptors.length : place, 0, reader(row));
  const run = intercepted(chain, last);
  return async (context, visit) => {
    context.values.set(visitKey, visit);
    const message = create(method.input);
    const request: UnaryRequest = { ...commonOf(context), stream: false, method, message };
    const { header } = await run(request);
    copy(header, context.responseHeader);
    return visit.answer!;
  };
}

/** Reads the request of the method from the fields. Throws INVALID_FIELDS. */
function reader({ method, toRequest }: CompatRow): Interceptor {
  return (next) => async (request) => {
    const visit = request.contextValues.get(visitKey)!;
    const fields = createFields(visit.input());
    const caller = request.contextValues.get(callerKey);
    const read = create(method.input, toRequest(fields, caller?.person));
    // In place, so that the log around sees what was asked.
    const message = Object.assign(request.message, read);
    visit.fields = fields;
    const problems = fields.problems();
    const names = Object.keys(problems).join(", ").slice(0, MAX_NAMES_LENGTH);
    if (names !== "") {
      visit.problems = problems;
      throw refusal("INVALID_FIELDS", { fields: names });
    }
    return next({ ...request, message } as UnaryRequest);
  };
}

/** How much of the wrong fields' names the log gets to see, in characters. */
const MAX_NAMES_LENGTH = 200;

const visitKey = createContextKey<Visit | undefined>(undefined, {
  description: "the request of a plain path",
});
