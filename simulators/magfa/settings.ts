import type { Hook } from "../pusher.ts";
import { isDown, isHook, isObject, readFields, whole } from "../read-fields.ts";
import { createRules, type Rules } from "../rules.ts";
import { type Rule, readRule, readScript, ruling, type Script, smooth } from "./script.ts";

/** What a test changes; what it leaves out stays as it is. Rules replace those before. */
export type Change = {
  readonly script?: Partial<Script>;
  readonly rules?: readonly Rule[];
  readonly hook?: Hook | null;
  /** The credit that is left, in rials. */
  readonly balance?: number;
  /** The price of a part, in rials. */
  readonly tariff?: number;
  /** How many parts a second are taken; more are refused with 23. Null takes all. */
  readonly partsPerSecond?: number | null;
  /** Is away for a time: no port is open (for all simulators of the process), or 503. */
  readonly down?: Down;
};

type Down = { readonly mode: "refuse" | "http503"; readonly ms: number };

/** How the simulator behaves now. */
export type Settings = {
  readonly rules: Rules<Script, Rule, string>;
  readonly hook: Hook | undefined;
  readonly balance: number;
  readonly tariff: number;
  readonly partsPerSecond: number | null;
};

/** How it behaves when nobody has said anything. */
export function usualSettings(hook: Hook | undefined): Settings {
  const rules = createRules(smooth, [], ruling);
  return { rules, hook, balance: 1_000_000_000_000, tariff: 160, partsPerSecond: null };
}

/** Applies a change. */
export function changed(settings: Settings, change: Change): Settings {
  const { script, rules, hook } = change;
  const base = { ...settings.rules.base, ...script };
  return {
    rules:
      script || rules
        ? createRules(base, rules ?? settings.rules.remaining(), ruling)
        : settings.rules,
    hook: hook === undefined ? settings.hook : (hook ?? undefined),
    balance: change.balance ?? settings.balance,
    tariff: change.tariff ?? settings.tariff,
    partsPerSecond:
      change.partsPerSecond === undefined ? settings.partsPerSecond : change.partsPerSecond,
  };
}

/** Takes a change apart that came as JSON; throws the sentence that names a mistake. */
export function readChange(value: unknown): Change {
  const change = readFields(value, checks) as Change;
  const { script, rules } = change;
  return {
    ...change,
    ...(script && { script: readScript(script) }),
    ...(rules && { rules: rules.map(readRule) }),
  };
}

const checks = {
  script: isObject,
  rules: (field: unknown) => Array.isArray(field) && field.length <= 1000,
  hook: (field: unknown) => field === null || isHook(field),
  balance: whole(0, Number.MAX_SAFE_INTEGER),
  tariff: whole(0, 1_000_000),
  partsPerSecond: (field: unknown) => field === null || whole(1, 1_000_000)(field),
  down: isDown(["refuse", "http503"]),
};
