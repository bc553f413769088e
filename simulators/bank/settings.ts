import type { Hook } from "../pusher.ts";
import { isDown, isHook, isObject, readFields } from "../read-fields.ts";
import { createRules, type Rules } from "../rules.ts";
import {
  isAmount,
  type Rule,
  readRule,
  readScript,
  ruling,
  type Script,
  smooth,
} from "./script.ts";

/** What a test changes; what it leaves out stays as it is. Rules replace those before. */
export type Change = {
  readonly script?: Partial<Script>;
  readonly rules?: readonly Rule[];
  readonly hook?: Hook | null;
  /** What is left on the account, such as "1000.00". */
  readonly balance?: string;
  /** Lines of the statement that no transfer has made. */
  readonly lines?: readonly ExtraLine[];
  /**
   * Is away for a time: no port is open, 503 without a word (`http503`), or 503 with the word that
   * nothing is processed (`maintenance`).
   */
  readonly down?: Down;
};

/** A line that no transfer has made. */
type ExtraLine = {
  readonly direction: "out" | "in";
  readonly reference: string;
  readonly amount: string;
};

type Down = { readonly mode: "refuse" | "http503" | "maintenance"; readonly ms: number };

/** How the simulator behaves now. */
export type Settings = {
  readonly rules: Rules<Script, Rule, { account: string; reference: string }>;
  readonly hook: Hook | undefined;
};

/** How it behaves when nobody has said anything. */
export function usualSettings(hook: Hook | undefined): Settings {
  return { rules: createRules(smooth, [], ruling), hook };
}

/** Applies a change of how it behaves. */
export function changed(settings: Settings, { script, rules, hook }: Change): Settings {
  const base = { ...settings.rules.base, ...script };
  const isRuled = script !== undefined || rules !== undefined;
  return {
    rules: isRuled
      ? createRules(base, rules ?? settings.rules.remaining(), ruling)
      : settings.rules,
    hook: hook === undefined ? settings.hook : (hook ?? undefined),
  };
}

/** Takes a change apart that came as JSON; throws the sentence that names a mistake. */
export function readChange(value: unknown): Change {
  const change = readFields(value, checks) as Change;
  const { script, rules, lines } = change;
  for (const line of lines ?? []) {
    if (Object.keys(readFields(line, lineChecks)).length < 3)
      throw new Error("a line has direction, reference and amount");
  }
  return {
    ...change,
    ...(script && { script: readScript(script) }),
    ...(rules && { rules: rules.map(readRule) }),
  };
}

const isList = (field: unknown) => Array.isArray(field) && field.length <= 1000;

const checks = {
  script: isObject,
  rules: isList,
  hook: (field: unknown) => field === null || isHook(field),
  balance: isAmount,
  lines: isList,
  down: isDown(["refuse", "http503", "maintenance"]),
};

const lineChecks = {
  direction: (field: unknown) => field === "out" || field === "in",
  reference: (field: unknown) => typeof field === "string" && field.length <= 128,
  amount: isAmount,
};
