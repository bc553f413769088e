import { MAX_LOG_TEXT_LENGTH } from "./limits.ts";

/**
 * Hides what a text may not tell: addresses, phone and account numbers, tokens, passwords, codes
 * (S12). It is the second net: what is known to be personal is not logged in the first place.
 */
export function mask(text: string): string {
  const short = text.length > MAX_LOG_TEXT_LENGTH ? `${text.slice(0, MAX_LOG_TEXT_LENGTH)}…` : text;
  if (!suspect.test(short)) return short;
  return patterns.reduce((masked, [pattern, shown]) => masked.replace(pattern, shown), short);
}

/** What every pattern needs, so that most texts pass after one look. */
const suspect = /@|\d{4}|[۰-۹٠-٩]{4}|eyJ|mz[a-z]_|bearer|basic|pass|secret|token|key|code|otp|pin/i;

// Every repetition has a bound, so that no text takes long.
const patterns: readonly (readonly [RegExp, string])[] = [
  [/(\b[a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@]{1,256}@/gi, "$1[hidden]@"],
  [/[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,6}/g, "[e-mail]"],
  [/\beyJ[\w-]{4,4096}(?:\.[\w-]{0,4096}){1,4}/g, "[token]"],
  [/\b(bearer|basic)\s{1,4}[\w.~+/=-]{1,4096}/gi, "$1 [token]"],
  [/\bmz[a-z]_[\w-]{1,256}/g, "[key]"],
  [
    /\b(pass(?:word|wd|phrase)?|secret|(?:\w{1,16}[_-])?token|api[_-]?key|authorization)(["']?\s{0,4}[:=]\s{0,4})(?:"[^"]{0,1024}"?|'[^']{0,1024}'?|[^\s,;}&]{1,1024})/gi,
    "$1$2[hidden]",
  ],
  [/\b(code|otp|pin)\b(\D{0,12})\d{4,8}\b/gi, "$1$2[code]"],
  [/\bIR[ -]?\d{2}(?:[ -]?\d{4}){5}[ -]?\d{2}\b/gi, "[iban]"],
  [/\b[A-Z]{2}\d{2}(?=[A-Z]{0,4}\d)[A-Z0-9]{11,30}\b/g, "[iban]"],
  [/(?:\+|\b00)[1-9](?:[ -]?\d){6,14}\b/g, "[phone]"],
  [/\b(?:98|0)?9\d{2}[ -]?\d{3}[ -]?\d{4}\b/g, "[phone]"],
  [/\b[2-6]\d{3}([ -]?)\d{4}\1\d{4}\1\d{4}\b/g, "[card]"],
  [/[۰-۹٠-٩]{4,64}/g, "[number]"],
];
