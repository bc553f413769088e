import { type CountryCode, parsePhoneNumberFromString } from "libphonenumber-js/max";

/** A number that a message can go to. */
export type Receiver = {
  /** In E.164, the form in which numbers are stored and compared (NUM-1). */
  readonly number: string;
  /** Two letters of ISO 3166, or "001" for a number that belongs to no country. */
  readonly country: string;
  /** Also true where the numbering plan can't tell mobiles from fixed lines (NUM-5). */
  readonly isMobile: boolean;
};

/** Why a number is no receiver; the reason is that of the error. */
export type ReceiverRefusal =
  | { readonly refused: "INVALID_RECEIVER" }
  | { readonly refused: "GEO_BLOCKED"; readonly country: string };

/** Whom an account may write to (NUM-5). */
export type ReceiverPolicy = {
  readonly countries: readonly string[];
  readonly fixedLines: boolean;
};

/**
 * Reads a number as people write it, in the national form of the region or the international one,
 * and says whether the account may write to it (NUM-2 to NUM-5).
 */
export function parseReceiver(
  input: string,
  region = "IR",
  { countries, fixedLines }: ReceiverPolicy = iranianMobiles,
): Receiver | ReceiverRefusal {
  const dialled = dial(input);
  if (!plausible.test(dialled)) return invalid;
  const options = { defaultCountry: region as CountryCode, extract: false };
  const phone = parsePhoneNumberFromString(dialled, options);
  const type = phone?.getType(); // undefined for every number that isn't valid (NUM-4)
  if (phone === undefined || type === undefined) return invalid;
  const country = phone.country ?? "001";
  if (!countries.includes(country)) return { refused: "GEO_BLOCKED", country };
  const isMobile = type === "MOBILE" || type === "FIXED_LINE_OR_MOBILE";
  if (!isMobile && !(fixedLines && type === "FIXED_LINE")) return invalid;
  return { number: phone.number, country, isMobile };
}

const invalid: ReceiverRefusal = { refused: "INVALID_RECEIVER" };

const iranianMobiles: ReceiverPolicy = { countries: ["IR"], fixedLines: false };

const plausible = /^\+?\d{2,20}$/;

/** What one would dial: ASCII digits, perhaps with a plus before them (NUM-2). */
function dial(input: string): string {
  if (plausible.test(input) && !input.startsWith("00")) return input;
  return input
    .replaceAll(foreignDigit, (digit) => String(digit.charCodeAt(0) % 16))
    .replaceAll(punctuation, "")
    .replace(/^(?:00|\uFF0B)/, "+");
}

/** Persian, Arabic-Indic and full-width digits; the code of each ends in its value. */
const foreignDigit = /[\u06F0-\u06F9\u0660-\u0669\uFF10-\uFF19]/g;

/** What the library takes for punctuation, and the marks of direction that copying brings along. */
const punctuation =
  /[\s\u00AD\u200B-\u200F\u202A-\u202E\u2060\u2066-\u2069.()/~[\]\u2010-\u2015\u2212\u30FC\uFF08\uFF09\uFF0D-\uFF0F\uFF3B\uFF3D\uFF5E\u2053\u223C-]/g;
