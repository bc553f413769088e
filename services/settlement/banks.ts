import { asFields, type Fields } from "#mesh/fields.ts";
import { PROVIDER_TIMEOUT_MS } from "#mesh/limits.ts";
import { toMinor } from "#mesh/money.ts";
import { secretFile } from "#mesh/secrets.ts";
import { httpAddress, integer } from "#mesh/setting-kinds.ts";
import { isProduction, type Setting } from "#mesh/settings.ts";
import { currency } from "./domain/currency.ts";
import type { BankProvider } from "./providers/bank.ts";
import { httpBank, type HttpBankOptions } from "./providers/http-bank.ts";

/**
 * A setting that names the private file of the banks, a list in JSON, in the order in which they
 * are tried. A function, so that no dump shows their keys.
 */
export function banksFile(
  named: readonly [name: string, about: string],
): Setting<() => readonly HttpBankOptions[]> {
  const { name, about, read } = secretFile(named, 2);
  return {
    name,
    about,
    read: (environment) => {
      const text = read(environment);
      if (text === undefined) throw new Error("is missing");
      const banks = readBanks(text(), { isProduction: isProduction(environment) });
      return () => banks;
    },
  };
}

/** The banks of a file, by name, in its order (PAY-10). */
export function banksOf(options: readonly HttpBankOptions[]): ReadonlyMap<string, BankProvider> {
  return new Map(options.map((bank) => [bank.name, httpBank(bank)]));
}

/** How strictly a file is read: production refuses what is only handy elsewhere (S6). */
type Profile = { readonly isProduction: boolean };

/** Reads the file's text; throws a part of a sentence that says what a good one has. */
export function readBanks(
  text: string,
  profile: Profile = { isProduction: false },
): readonly HttpBankOptions[] {
  const list = parse(text);
  if (!Array.isArray(list)) throw new Error("must name a file with a JSON list of banks");
  const banks = list.map((entry, index) => readBank(asFields(entry) ?? {}, index + 1, profile));
  const names = new Set(banks.map(({ name }) => name));
  if (names.size < banks.length) throw new Error("must name a file whose banks have names apart");
  return banks;
}

function readBank(fields: Fields, number: number, profile: Profile): HttpBankOptions {
  const take = <T>(name: string, kind: (value: unknown) => T): T => {
    try {
      return kind(fields[name]);
    } catch (error) {
      const wanted = error instanceof Error ? error.message : String(error);
      throw new Error(`must name a file in which "${name}" of bank ${number} ${wanted}`, {
        cause: error,
      });
    }
  };
  for (const name of Object.keys(fields)) if (!known.has(name)) take(name, refuse);
  if (profile.isProduction) for (const [name, kind] of Object.entries(strict)) take(name, kind);
  const dailyLimitMinor = take("dailyLimit", optional(amount));
  return {
    name: take("name", matching(/^[a-z][a-z0-9-]{0,31}$/, "a name such as first-bank")),
    url: take("url", (value) => httpAddress(text(value))),
    key: take("key", matching(/^[!-~]{8,512}$/, "8 visible characters or more")),
    hookSecret: take("hookSecret", matching(/^[!-~]{16,512}$/, "16 visible characters or more")),
    hasStatements: take("hasStatements", flag),
    windowMs: 1000 * take("windowSeconds", whole(0, 7 * 24 * 3600)),
    timeoutMs: take("timeoutMs", optional(whole(100, 60_000))) ?? PROVIDER_TIMEOUT_MS,
    ...(dailyLimitMinor !== undefined && { dailyLimitMinor }),
  };
}

/** What fields have to be in production besides. */
const strict = {
  url: matching(/^https:/i, "an address that begins with https:// in production"),
  key: matching(/^[!-~]{32,}$/, "32 visible characters or more in production"),
  hookSecret: matching(/^[!-~]{32,}$/, "32 visible characters or more in production"),
  windowSeconds: (value: unknown) => {
    if (value === 0) throw new Error("must be more than 0 in production");
  },
};

const known = new Set([
  "name",
  "url",
  "key",
  "hookSecret",
  "hasStatements",
  "windowSeconds",
  "timeoutMs",
  "dailyLimit",
]);

const refuse = () => {
  throw new Error("is nothing that anybody knows");
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const text = (value: unknown) => (typeof value === "string" ? value : "");

function matching(pattern: RegExp, wanted: string): (value: unknown) => string {
  return (value) => {
    if (pattern.test(text(value))) return text(value);
    throw new Error(`must be ${wanted}`);
  };
}

function whole(min: number, max: number): (value: unknown) => number {
  return (value) => integer(min, max)(typeof value === "number" ? String(value) : "");
}

function flag(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new Error("must be true or false");
}

function amount(value: unknown): bigint {
  try {
    return toMinor(text(value), currency.scale);
  } catch {
    throw new Error('must be an amount such as "250000.00"');
  }
}

function optional<T>(kind: (value: unknown) => T): (value: unknown) => T | undefined {
  return (value) => (value === undefined ? undefined : kind(value));
}
