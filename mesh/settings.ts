import { mask } from "./mask.ts";

/** One setting: where it comes from, what it is for, and how its text becomes a value. */
export type Setting<T> = {
  readonly name: string;
  /** A part of a sentence that says what the setting is for. */
  readonly about: string;
  /** Reads the value; throws the part of a sentence that says what a good one is. */
  readonly read: (environment: Environment) => T;
};

/** The variables of a process. An empty one counts as absent. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The values of a table of settings. */
export type Values<S> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

/** Reads a table of settings; the error names every mistake, one a line. */
export function readSettings<S extends Record<string, Setting<unknown>>>(
  environment: Environment,
  settings: S,
): Values<S> {
  const mistakes: string[] = [];
  const values = Object.entries(settings).map(([key, { name, about, read }]) => {
    try {
      return [key, read(environment)];
    } catch (error) {
      const wanted = error instanceof Error ? error.message : String(error);
      mistakes.push(`${name} (${about}) ${wanted}${givenAs(environment[name])}`);
      return [key, undefined];
    }
  });
  if (mistakes.length === 0) return Object.fromEntries(values) as Values<S>;
  throw new Error(["The environment has mistakes:", ...mistakes].join("\n  "));
}

/** A setting that has to be given unless a value stands in for it. */
export function setting<T>(
  [name, about]: readonly [name: string, about: string],
  parse: (text: string) => T,
  otherwise?: T,
): Setting<T> {
  const read = (environment: Environment) => {
    const text = environment[name];
    if (text !== undefined && text !== "") return parse(text);
    if (otherwise === undefined) throw new Error("is missing");
    return otherwise;
  };
  return { name, about, read };
}

/** Refuses values in production that are handy elsewhere; the text says what a good one is. */
export function saferInProduction<T>(
  { name, about, read }: Setting<T>,
  isSafe: (value: T) => boolean,
  text: string,
): Setting<T> {
  const strict = (environment: Environment) => {
    const value = read(environment);
    if (isProduction(environment) && !isSafe(value)) throw new Error(`${text} in production`);
    return value;
  };
  return { name, about, read: strict };
}

/** Whether the environment asks for the strict start. */
export function isProduction(environment: Environment): boolean {
  return environment["MIZAN_PROFILE"] === "production";
}

/** The wrong value, but never a password in it. */
function givenAs(text: string | undefined): string {
  return text === undefined || text === "" ? "" : `; it is ${JSON.stringify(mask(text))}`;
}
