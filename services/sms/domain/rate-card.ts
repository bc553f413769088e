import { MAX_RATES } from "#mesh/limits.ts";
import { toMinor } from "#mesh/money.ts";
import type { Encoding, Lane } from "./message.ts";

/** What segments cost. A version never changes (RATE-3). */
export type RateCard = {
  readonly version: number;
  readonly asset: string;
  /** The more special before the more general: the first that fits is the price. */
  readonly rates: readonly Rate[];
};

/** The price of a segment, in minor units, of all that fits; what is left out fits all (RATE-1). */
export type Rate = {
  /** How the receiver begins, in E.164. */
  readonly prefix?: string;
  readonly operator?: string;
  readonly lineClass?: string;
  readonly lane?: Lane;
  readonly encoding?: Encoding;
  readonly unitPrice: bigint;
};

/**
 * Reads a card as it is stored: version, asset and rates, each with a price in decimals of the
 * asset. Throws TypeError that names the place of the fault, and INVALID_AMOUNT for a price that
 * is finer than the scale. Two rates for the same are a fault: neither would come first.
 */
export function rateCardOf(json: unknown, scale: number): RateCard {
  const { version, asset, rates } = fieldsOf(json, "the card", ["version", "asset", "rates"]);
  if (!Number.isSafeInteger(version)) throw fault("version", "a whole number");
  if (typeof asset !== "string" || asset === "") throw fault("asset", "the name of an asset");
  if (!Array.isArray(rates) || rates.length > MAX_RATES) {
    throw fault("rates", `a list of up to ${MAX_RATES} rates`);
  }
  const read = rates.map((rate: unknown, index) => rateOf(rate, `rates[${index}]`, scale));
  refuseTwins(read);
  read.sort((left, right) => rank(right) - rank(left));
  return { version: version as number, asset, rates: read };
}

function rateOf(json: unknown, path: string, scale: number): Rate {
  const fields = fieldsOf(json, path, Object.keys(forms));
  for (const [name, [form, meaning]] of Object.entries(forms)) {
    const value = fields[name];
    if (value === undefined && name !== "price") continue;
    if (typeof value !== "string" || !form.test(value)) throw fault(`${path}.${name}`, meaning);
  }
  if (fields["prefix"] !== undefined && fields["operator"] !== undefined) {
    throw fault(path, "for a prefix or for an operator");
  }
  const { price, ...key } = fields;
  return { ...key, unitPrice: toMinor(price as string, scale) };
}

const word: [RegExp, string] = [/^[A-Z][A-Z0-9_]*$/, "a name in capitals"];
const forms: Record<string, [form: RegExp, meaning: string]> = {
  prefix: [/^\+[1-9]\d{0,14}$/, "the beginning of a number in E.164, with the plus"],
  operator: word,
  lineClass: word,
  lane: [/^(?:EXPRESS|BULK)$/, "EXPRESS or BULK"],
  encoding: [/^(?:GSM7|UCS2)$/, "GSM7 or UCS2"],
  price: [/^\d+(?:\.\d+)?$/, "a decimal number in a string"],
};

/**
 * The longest prefix, then the operator, then the default (RATE-3). Among equals what names the
 * line class comes first, then the lane, then the encoding.
 */
function rank({ prefix = "", operator, lineClass, lane, encoding }: Rate): number {
  const said = [operator, lineClass, lane, encoding].map((field) => (field === undefined ? 0 : 1));
  return said.reduce<number>((sum, bit) => sum * 2 + bit, prefix.length);
}

function refuseTwins(rates: readonly Rate[]): void {
  const seen = new Map<string, number>();
  for (const [index, { prefix, operator, lineClass, lane, encoding }] of rates.entries()) {
    const key = [prefix, operator, lineClass, lane, encoding].join(" ");
    const twin = seen.get(key);
    if (twin !== undefined) throw fault(`rates[${index}]`, `for other than what rates[${twin}] is`);
    seen.set(key, index);
  }
}

/** Unknown fields are refused: a misspelt one would make a rate fit what it is not for. */
function fieldsOf(json: unknown, path: string, known: readonly string[]): Record<string, unknown> {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw fault(path, "an object");
  }
  for (const name of Object.keys(json)) {
    if (!known.includes(name)) throw fault(`${path}.${name}`, `one of ${known.join(", ")}`);
  }
  return json as Record<string, unknown>;
}

function fault(path: string, expected: string): TypeError {
  return new TypeError(`A rate card can't be read: ${path} has to be ${expected}.`);
}
