import { MAX_NON_GSM_CHARS } from "#mesh/limits.ts";
import { septetsOf } from "./gsm7.ts";

/** The characters of a text that make it UCS-2, each once and in order; the first 20 of them. */
export function nonGsmChars(text: string): readonly string[] {
  const found = new Set<string>();
  for (const character of text) {
    if (septetsOf(character.codePointAt(0)!) === 0) found.add(character);
    if (found.size === MAX_NON_GSM_CHARS) break;
  }
  return [...found];
}
