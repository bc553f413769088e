import { countSeptets, septetsOf } from "./gsm7.ts";
import type { Encoding } from "./message.ts";

/** How a text goes out: the parts of a message, and what they are billed by (SEG-7). */
export type Segments = {
  readonly encoding: Encoding;
  /** Of the whole text: septets in GSM-7, UTF-16 code units in UCS-2 (SEG-3, SEG-4). */
  readonly units: number;
  /** The room left in the last part. */
  readonly unitsLeft: number;
  /** At least one; together they are the text. Their number is the number of billed segments. */
  readonly parts: readonly string[];
};

/**
 * Divides a text into the parts that are billed and sent, with 8-bit references (SEG-2 to SEG-7).
 * The text must be well-formed: who takes it in has checked String.prototype.isWellFormed (SEG-1).
 * The text without characters is one part without characters.
 */
export function segment(text: string): Segments {
  const septets = countSeptets(text);
  const encoding = septets === undefined ? "UCS2" : "GSM7";
  const units = septets ?? text.length;
  const { single, part, cut } = coding[encoding];
  if (units <= single) return { encoding, units, unitsLeft: single - units, parts: [text] };
  const parts = [];
  for (let start = 0, end = 0; start < text.length; start = end) {
    end = cut(text, start, part);
    parts.push(text.slice(start, end));
  }
  const last = parts.at(-1)!;
  const used = encoding === "GSM7" ? countSeptets(last)! : last.length;
  return { encoding, units, unitsLeft: part - used, parts };
}

const coding = {
  GSM7: { single: 160, part: 153, cut: cutSeptets },
  UCS2: { single: 70, part: 67, cut: cutUnits },
};

/** Where the part that begins at start ends; a character and its escape stay together (SEG-6). */
function cutSeptets(text: string, start: number, limit: number): number {
  let end = start;
  let room = limit;
  while (end < text.length) {
    room -= septetsOf(text.charCodeAt(end));
    if (room < 0) break;
    end += 1;
  }
  return end;
}

/** Where the part that begins at start ends; the two halves of a pair stay together (SEG-6). */
function cutUnits(text: string, start: number, limit: number): number {
  const end = start + limit;
  if (end >= text.length) return text.length;
  const last = text.charCodeAt(end - 1);
  return last >= 0xd800 && last <= 0xdbff ? end - 1 : end;
}
