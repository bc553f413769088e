import { countSeptets } from "./gsm7.ts";

/**
 * Writes a text with GSM-7 characters where typography alone makes it UCS-2 (SEG-8). The text
 * comes back untouched unless the whole of it becomes GSM-7 and something is left to read.
 */
export function smartEncoding(text: string): string {
  if (countSeptets(text) !== undefined) return text;
  const characters = Array.from(text.normalize("NFC"), (character) => {
    return plainer.get(character) ?? character;
  });
  const plain = characters.join("");
  return countSeptets(plain) === undefined || plain.trim() === "" ? text : plain;
}

const table = {
  "'": "`\u00B4\u02B9\u02BB\u02BC\u02C8\u2018\u2019\u201A\u201B\u2032\u2035\u2039\u203A",
  '"': "\u00AB\u00BB\u02BA\u02DD\u201C\u201D\u201E\u201F\u2033\u2036\u275D\u275E\u301D\u301E\u301F",
  "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\uFE58\uFE63\uFF0D",
  ".": "\u2024",
  "..": "\u2025",
  "...": "\u2026",
  "*": "\u2022\u2217",
  "/": "\u2044\u2215",
  ":": "\u2236",
  "!!": "\u203C",
  " ":
    "\t\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A" +
    "\u202F\u205F\u3000",
  "\n": "\u0085\u2028\u2029",
  "": "\u00AD\u200B\u200C\u200D\u2060\uFEFF", // seen by nobody between Latin letters
  ff: "\uFB00",
  fi: "\uFB01",
  fl: "\uFB02",
  ffi: "\uFB03",
  ffl: "\uFB04",
};

const plainer = new Map<string, string>();
for (const [plain, characters] of Object.entries(table)) {
  for (const character of characters) plainer.set(character, plain);
}
