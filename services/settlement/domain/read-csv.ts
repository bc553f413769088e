/** One record of a CSV text, and the line on which it begins, from 1. */
export type CsvRecord = { readonly line: number; readonly fields: readonly string[] };

/**
 * Reads the records of a CSV text one after the other (RFC 4180); lines may end with LF alone, and
 * a mark of the byte order is skipped. Throws a SyntaxError that names the line of what is no CSV.
 */
export function* readCsv(text: string): Generator<CsvRecord> {
  const place = { at: text.startsWith("\uFEFF") ? 1 : 0, line: 1 };
  while (place.at < text.length) {
    const { line } = place;
    yield { line, fields: readRecord(text, place) };
  }
}

/** Where the reading is: the character, and the line that it is on. */
type Place = { at: number; line: number };

function readRecord(text: string, place: Place): string[] {
  const end = endOfLine(text, place.at);
  const plain = text.slice(place.at, end);
  if (plain.includes('"')) return readQuoted(text, place);
  place.at = end + (text[end] === "\r" ? 2 : 1);
  place.line += 1;
  return plain.split(",");
}

/** Where the line ends: before CR LF, before LF, or with the text. */
function endOfLine(text: string, from: number): number {
  const newline = text.indexOf("\n", from);
  if (newline === -1) return text.length;
  return newline > from && text[newline - 1] === "\r" ? newline - 1 : newline;
}

/** A record of which some fields are in quotes, and may go over several lines. */
function readQuoted(text: string, place: Place): string[] {
  const fields: string[] = [];
  for (;;) {
    fields.push(text[place.at] === '"' ? quotedField(text, place) : plainField(text, place));
    const next = text[place.at];
    place.at += next === "\r" ? 2 : 1;
    if (next === ",") continue;
    place.line += 1;
    return fields;
  }
}

function plainField(text: string, place: Place): string {
  const comma = text.indexOf(",", place.at);
  const end = endOfLine(text, place.at);
  const field = text.slice(place.at, comma === -1 ? end : Math.min(comma, end));
  if (field.includes('"')) throw misplaced(place);
  place.at += field.length;
  return field;
}

function quotedField(text: string, place: Place): string {
  const { line } = place;
  let field = "";
  for (let from = place.at + 1; ;) {
    const quote = text.indexOf('"', from);
    if (quote === -1) throw new SyntaxError(`line ${line}: a quote does not end`);
    field += text.slice(from, quote);
    place.at = quote + 1;
    if (text[place.at] !== '"') break;
    field += '"';
    from = place.at + 1;
  }
  place.line += field.split("\n").length - 1;
  const isEnd = [",", "\n", undefined].includes(text[place.at]) || endsLine(text, place.at);
  if (!isEnd) throw misplaced(place);
  return field;
}

function endsLine(text: string, at: number): boolean {
  return text.startsWith("\r\n", at);
}

function misplaced({ line }: Place): SyntaxError {
  return new SyntaxError(`line ${line}: a quote in the wrong place`);
}
