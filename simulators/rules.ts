/** Says how the items of a call go: by the first rule that fits each, else by the base. */
export type Rules<Script, Rule, Item> = {
  readonly base: Script;
  /** The rules that still hold, with what is left of their bounds. */
  readonly remaining: () => readonly Rule[];
  /** One script an item, and the one of the call. What a rule is bounded to is counted down. */
  readonly plan: (items: readonly Item[]) => {
    readonly call: Script;
    readonly items: readonly Script[];
  };
};

/** For how many calls, texts or transfers a rule holds; without bounds it does until it is gone. */
export type Bounds = {
  readonly calls?: number;
  readonly texts?: number;
  readonly transfers?: number;
};

/** How the rules of one simulator are chosen. */
export type Ruling<Script, Rule, Item> = {
  /** The fields that hold for a call as a whole. */
  readonly callFields: readonly (keyof Script & string)[];
  readonly fits: (rule: Rule, item: Item) => boolean;
};

/** Makes the rules of a base and of what differs from it. */
export function createRules<Script extends object, Rule extends Partial<Script> & Bounds, Item>(
  base: Script,
  rules: readonly Rule[],
  { callFields, fits }: Ruling<Script, Rule, Item>,
): Rules<Script, Rule, Item> {
  let live = rules.map((rule) => ({ rule, script: { ...base, ...rule }, left: left(rule) }));
  const plan = (items: readonly Item[]) => {
    if (live.length === 0) return { call: base, items: items.map(() => base) };
    const used = new Set<(typeof live)[number]>();
    const scripts = items.map((item) => {
      const found = live.find((entry) => entry.left.items > 0 && fits(entry.rule, item));
      if (found === undefined) return base;
      found.left.items--;
      used.add(found);
      return found.script;
    });
    for (const entry of used) entry.left.calls--;
    live = live.filter((entry) => entry.left.calls > 0 && entry.left.items > 0);
    const ruling = [...used].find(({ rule }) => callFields.some((name) => name in rule));
    return { call: ruling?.script ?? base, items: scripts };
  };
  const remaining = () => live.map((entry) => bounded(entry.rule, entry.left));
  return { base, remaining, plan };
}

type Left = { calls: number; items: number };

function left({ calls = Infinity, texts, transfers }: Bounds): Left {
  return { calls, items: texts ?? transfers ?? Infinity };
}

function bounded<Rule extends Bounds>(rule: Rule, { calls, items }: Left): Rule {
  return {
    ...rule,
    ...(rule.calls !== undefined && { calls }),
    ...(rule.texts !== undefined && { texts: items }),
    ...(rule.transfers !== undefined && { transfers: items }),
  };
}
