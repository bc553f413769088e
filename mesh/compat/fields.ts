/** What is wrong with the fields of a request, by field; the first of the texts says the most. */
export type Problems = Readonly<Record<string, readonly string[]>>;

/** The fields that a request came with. A reader gives a stand-in for what it finds wrong. */
export type Fields = {
  /** A value as it came; undefined for none, and for null. */
  readonly value: (name: string) => unknown;
  /** A text; empty when there is none and none is needed. */
  readonly text: (name: string, rule?: TextRule) => string;
  /** A truth value; false when there is none. */
  readonly flag: (name: string) => boolean;
  /** An amount in major units as a plain decimal, from one or from a whole number (not 0). */
  readonly amount: (name: string) => string;
  /** Says what is wrong with a field. */
  readonly wrong: (name: string, problem: string) => void;
  /** All that is wrong by now, and the fields that nobody has asked for. */
  readonly problems: () => Problems;
};

type TextRule = {
  readonly isRequired?: boolean;
  /** In characters, however many units each of them has. */
  readonly mostCharacters?: number;
};

/** Reads the fields of a JSON object or of a query. */
export function createFields(given: ReadonlyMap<string, unknown>): Fields {
  const found = new Map<string, string[]>();
  const asked = new Set<string>();
  const wrong = (name: string, problem: string) => {
    found.set(name, [...(found.get(name) ?? []), problem]);
  };
  const value = (name: string) => {
    asked.add(name);
    return given.get(name) ?? undefined;
  };
  const text = (name: string, { isRequired = false, mostCharacters = Infinity }: TextRule = {}) => {
    const read = value(name);
    if (read === undefined && !isRequired) return "";
    if (read === undefined) wrong(name, "This field is required.");
    else if (typeof read !== "string") wrong(name, "This field must be a text.");
    else if (read === "" && isRequired) wrong(name, "This field must not be empty.");
    else if (isLonger(read, mostCharacters)) {
      wrong(name, `This field must have at most ${mostCharacters} characters.`);
    } else return read;
    return "";
  };
  const flag = (name: string) => {
    const read = value(name);
    if (read !== undefined && typeof read !== "boolean") {
      wrong(name, "This field must be true or false.");
    }
    return read === true;
  };
  const amount = (name: string) => {
    const read = value(name);
    if (typeof read === "string" && decimal.test(read)) {
      if (wireDecimal.test(read)) return read;
      wrong(name, "This field has too many digits.");
    } else if (typeof read === "number" && Number.isSafeInteger(read) && read > 0) {
      return String(read);
    } else if (read === undefined) wrong(name, "This field is required.");
    else wrong(name, "This field must be a whole number of at least 1, or a decimal as a text.");
    return "0";
  };
  const problems = () => {
    const unknown = [...given.keys()].filter((name) => !asked.has(name));
    const strange = unknown.map((name) => [name, ["This field is not known."]] as const);
    return Object.fromEntries([...found, ...strange]);
  };
  return { value, text, flag, amount, wrong, problems };
}

const decimal = /^(?:0|[1-9]\d*)(?:\.\d+)?$/;
/** As many digits as an amount of the contract may have. */
const wireDecimal = /^\d{1,39}(?:\.\d{1,18})?$/;

/** Counts characters, not their halves; a text that is far too long is not counted to its end. */
function isLonger(text: string, most: number): boolean {
  return text.length > most && (text.length > 2 * most || Array.from(text).length > most);
}
