import { type DescExtension, type DescMethod, getOption, hasOption } from "@bufbuild/protobuf";
import { isFieldSet } from "@bufbuild/protobuf";
import {
  MethodOptions_IdempotencyLevel as Level,
  MethodOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import type { Schema } from "@bufbuild/protoplugin";

/** A method with its access rule; words rather than the numbers of the enums. */
export type RuledMethod = {
  readonly method: DescMethod;
  /** Who outside may call: PUBLIC, USER, MERCHANT, ADMIN. None for a method of services alone. */
  readonly audience: readonly string[];
  readonly rateClass: string;
  readonly replay: string;
  /** Whether a caller outside has to name the call. */
  readonly keyRequired: boolean;
  readonly defaultTimeoutMs: number;
  readonly maxTimeoutMs: number;
};

/** The methods of the contract with their rules; throws every mistake of every method at once. */
export function ruledMethods({ files, allFiles }: Schema): RuledMethod[] {
  const extensions = allFiles.flatMap((file) => file.extensions);
  const rule = extensions.find(({ typeName }) => typeName === "mizan.access.v1.rule");
  if (rule?.message === undefined) throw new Error("The inputs lack mizan.access.v1.rule.");
  const methods = files
    .filter(({ proto }) => proto.package.startsWith("mizan.")) // gRPC's own services have no rule
    .flatMap((file) => file.services.flatMap((service) => service.methods));
  const mistakes = methods.flatMap((method) =>
    mistakesOf(method, rule).map((mistake) => `${method.toString()}: ${mistake}`),
  );
  if (mistakes.length > 0) throw new Error(mistakes.join("\n"));
  return methods.map((method) => read(method, rule));
}

/** The rule as the descriptors of this very run know it; gen/ may not exist yet (BF-7). */
type Rule = {
  audience: number[];
  callers: string[];
  defaultTimeoutMs: number;
  maxTimeoutMs: number;
  rateClass: number;
  replay: number;
  keyRequired: boolean;
};

/** What is wrong with the options of a method (AC-2, G10, G24). */
function mistakesOf(method: DescMethod, extension: DescExtension): string[] {
  if (!hasOption(method, extension)) return ["the method has no access rule"];
  const rule = getOption(method, extension) as Rule;
  const { audience, callers, defaultTimeoutMs, maxTimeoutMs, rateClass, replay, keyRequired } =
    rule;
  const names = audience.map((number) => nameOf(extension, "audience", number));
  const endless =
    method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming";
  const idempotent = method.idempotency === Level.IDEMPOTENT;
  const stored = nameOf(extension, "replay", replay) === "STORED";
  const checks: readonly (readonly [wrong: boolean, mistake: string])[] = [
    [audience.length === 0, "the access rule has no audience"],
    [audience.includes(0), "AUDIENCE_UNSPECIFIED is not an audience"],
    [names.includes("SERVICE") && callers.length === 0, "no caller is named"],
    [!hasLevel(method), "the method has no idempotency level"],
    [!endless && defaultTimeoutMs <= 0, "the method has no default_timeout_ms"],
    [!endless && maxTimeoutMs <= 0, "the method has no max_timeout_ms"],
    [defaultTimeoutMs > maxTimeoutMs, "default_timeout_ms exceeds max_timeout_ms"],
    [rateClass === 0, "the method has no rate class"],
    [idempotent && replay === 0, "the method is IDEMPOTENT but does not say how it is replayed"],
    [!idempotent && replay !== 0, "only an IDEMPOTENT method is replayed"],
    [keyRequired && !idempotent, "only an IDEMPOTENT method needs a key"],
    [stored && !("requestId" in method.input.field), "a stored replay needs a field request_id"],
  ];
  return checks.filter(([wrong]) => wrong).map(([, mistake]) => mistake);
}

function hasLevel({ proto: { options } }: DescMethod): boolean {
  return options !== undefined && isFieldSet(options, MethodOptionsSchema.field.idempotencyLevel);
}

function read(method: DescMethod, extension: DescExtension): RuledMethod {
  const rule = getOption(method, extension) as Rule;
  const names = rule.audience.map((number) => nameOf(extension, "audience", number));
  return {
    method,
    audience: names.filter((name) => name !== "SERVICE"),
    rateClass: nameOf(extension, "rateClass", rule.rateClass),
    replay: nameOf(extension, "replay", rule.replay),
    keyRequired: rule.keyRequired,
    defaultTimeoutMs: rule.defaultTimeoutMs,
    maxTimeoutMs: rule.maxTimeoutMs,
  };
}

/** The name of a value without that of its enum: "USER" for AUDIENCE_USER. */
function nameOf(extension: DescExtension, field: string, number: number): string {
  const values = extension.message?.field[field]?.enum;
  const { name = "" } = values?.value[number] ?? {};
  return name.slice((values?.sharedPrefix ?? "").length);
}
