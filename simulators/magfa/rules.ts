import { callFields, type Rule, type Script } from "./script.ts";

/** Says how the texts of a call go: by the first rule that fits each, else by the base. */
export type Rules = {
  readonly base: Script;
  /** The rules that still hold, with what is left of their bounds. */
  readonly remaining: () => readonly Rule[];
  /** One script a text, and the one of the call. What a rule is bounded to is counted down. */
  readonly plan: (recipients: readonly string[]) => {
    readonly call: Script;
    readonly texts: readonly Script[];
  };
};

/** Makes the rules of a base and of what differs from it. */
export function createRules(base: Script, rules: readonly Rule[]): Rules {
  let live = rules.map((rule) => ({ rule, script: { ...base, ...rule }, left: left(rule) }));
  const plan = (recipients: readonly string[]) => {
    if (live.length === 0) return { call: base, texts: recipients.map(() => base) };
    const used = new Set<(typeof live)[number]>();
    const texts = recipients.map((recipient) => {
      const found = live.find((entry) => entry.left.texts > 0 && fits(entry.rule, recipient));
      if (found === undefined) return base;
      found.left.texts--;
      used.add(found);
      return found.script;
    });
    for (const entry of used) entry.left.calls--;
    live = live.filter((entry) => entry.left.calls > 0 && entry.left.texts > 0);
    const ruling = [...used].find(({ rule }) => callFields.some((name) => name in rule));
    return { call: ruling?.script ?? base, texts };
  };
  const remaining = () => live.map((entry) => bounded(entry.rule, entry.left));
  return { base, remaining, plan };
}

function left({ calls = Infinity, texts = Infinity }: Rule): { calls: number; texts: number } {
  return { calls, texts };
}

function fits({ recipient, prefix = "" }: Rule, to: string): boolean {
  return (recipient ?? to) === to && to.startsWith(prefix);
}

function bounded(rule: Rule, { calls, texts }: { calls: number; texts: number }): Rule {
  return {
    ...rule,
    ...(rule.calls !== undefined && { calls }),
    ...(rule.texts !== undefined && { texts }),
  };
}
