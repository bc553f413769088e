import { createWides, PART_SIZE, setValue, type Wides } from "./wide.ts";

/** The codes of what the text of a column is made of: cells with commas in between. */
const [COMMA, MINUS, ZERO, NINE] = [44, 45, 48, 57];

/** Reads a column of so many whole numbers. An empty cell is 0. */
export function numbersOf(text: string, count: number): Float64Array {
  const into = new Float64Array(count);
  let [at, value, sign] = [0, 0, 1];
  for (let place = 0; place < text.length; place += 1) {
    const code = text.charCodeAt(place);
    if (code >= ZERO && code <= NINE) {
      value = value * 10 + code - ZERO;
    } else if (code === COMMA) {
      into[at] = sign * value;
      [at, value, sign] = [at + 1, 0, 1];
    } else if (code === MINUS) {
      sign = -1;
    }
  }
  into[at] = sign * value;
  return into;
}

/** Reads a column of amounts. What PostgreSQL holds that is no number equals nothing, not itself. */
export function widesOf(text: string, count: number): Wides {
  const into = createWides(count);
  let [at, start, value, isPlain] = [0, 0, 0, true];
  for (let place = 0; place <= text.length; place += 1) {
    const code = place < text.length ? text.charCodeAt(place) : COMMA;
    if (code >= ZERO && code <= NINE) {
      value = value * 10 + code - ZERO; // exact as far as it is used
    } else if (code === COMMA) {
      if (!isPlain) writeOdd(text.slice(start, place), into, at);
      else if (place - start <= EXACT_DIGITS) writeShort(value, into, at);
      else writeLong(text, { start, end: place }, into, at);
      [at, start, value, isPlain] = [at + 1, place + 1, 0, true];
    } else {
      isPlain = false;
    }
  }
  return into;
}

/** So many digits always are a number without loss. */
const EXACT_DIGITS = 15;
const PART_DIGITS = 13;

function writeShort(value: number, into: Wides, at: number): void {
  const mid = value < PART_SIZE ? 0 : Math.floor(value / PART_SIZE);
  into.low[at] = value - mid * PART_SIZE;
  into.mid[at] = mid;
  into.high[at] = 0;
}

type Cell = { readonly start: number; readonly end: number };

function writeLong(text: string, { start, end }: Cell, into: Wides, at: number): void {
  const low = end - PART_DIGITS;
  const mid = Math.max(low - PART_DIGITS, start);
  into.low[at] = toNumber(text, low, end);
  into.mid[at] = toNumber(text, mid, low);
  into.high[at] = toNumber(text, start, mid);
}

function toNumber(text: string, start: number, end: number): number {
  let value = 0;
  for (let place = start; place < end; place += 1) {
    value = value * 10 + text.charCodeAt(place) - ZERO;
  }
  return value;
}

/** What was never written by the ledger: less than zero, or "NaN". */
function writeOdd(cell: string, into: Wides, at: number): void {
  if (/^-\d+$/.test(cell)) setValue(into, at, BigInt(cell));
  else into.low[at] = NaN;
}
