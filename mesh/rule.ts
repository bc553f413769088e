import { type DescMethod, getOption, hasOption } from "@bufbuild/protobuf";
import { Audience, rule, type RateClass, type Replay } from "#gen/mizan/access/v1/access_pb.ts";

/** The access rule of a method, in the form that calls ask for. */
export type MethodRule = {
  readonly audience: ReadonlySet<Audience>;
  readonly callers: ReadonlySet<string>;
  readonly defaultTimeoutMs: number;
  readonly maxTimeoutMs: number;
  readonly rateClass: RateClass;
  readonly replay: Replay;
  /** Whether a mutation from outside needs a key of its caller. */
  readonly keyRequired: boolean;
};

/** Reads the rule of a method, once; undefined for a method without one, which serves nobody. */
export function ruleOf(method: DescMethod): MethodRule | undefined {
  const known = rules.get(method);
  if (known !== undefined) return known;
  if (!hasOption(method, rule)) return undefined;
  const { audience, callers, ...rest } = getOption(method, rule);
  const read = { ...rest, audience: new Set(audience), callers: new Set(callers) };
  if (audience.length === 0 || audience.includes(Audience.UNSPECIFIED)) return undefined;
  rules.set(method, read);
  return read;
}

const rules = new WeakMap<DescMethod, MethodRule>();
