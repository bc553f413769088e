import { statSync } from "node:fs";
import { isIP } from "node:net";

/** Takes one of the words. */
export function oneOf<T extends string>(words: readonly T[]): (text: string) => T {
  return (text) => {
    const found = words.find((one) => one === text);
    if (found === undefined) throw new Error(`must be one of ${words.join(", ")}`);
    return found;
  };
}

/** Takes a whole number between two bounds, themselves included. */
export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new Error(`must be a whole number from ${min} to ${max}`);
  };
}

/** A port; 0 lets the system choose a free one. */
export const port = integer(0, 65_535);

/** Takes 0 or 1. */
export function flag(text: string): boolean {
  return oneOf(["0", "1"])(text) === "1";
}

/** An address to listen on. */
export function ip(text: string): string {
  if (isIP(text) === 0) throw new Error("must be an IP address");
  return text;
}

/** Takes the path of a folder that exists. */
export function folder(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return path;
  throw new Error("must be a folder that exists");
}

/** Values with commas between them. */
export function list<T>(parse: (text: string) => T): (text: string) => readonly T[] {
  return (text) => text.split(",").map((part) => parse(part.trim()));
}

/** Pairs such as `core=127.0.0.1:50051`, with commas between them. */
export function peers(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(",").map((part) => pair.exec(part.trim()));
  const good = pairs.filter((found) => found !== null);
  if (good.length < pairs.length)
    throw new Error("must be like core=host:50051,billing=host:50054");
  return Object.fromEntries(good.map(([, name, address]) => [name, address]));
}

const pair = /^([a-z][a-z-]{0,31})=([\w.-]{1,253}:\d{1,5}|\[[0-9a-f:.]{2,45}\]:\d{1,5})$/;

/** An address, or a range of them such as `10.0.0.0/8`. */
export function addressRange(text: string): string {
  const [address = "", bits, ...more] = text.split("/");
  const longest = isIP(address) === 6 ? 128 : 32;
  const sound = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= longest);
  if (isIP(address) !== 0 && sound && more.length === 0) return text;
  throw new Error("must hold addresses or ranges such as 10.0.0.0/8");
}

/** Where a page comes from, such as `https://console.example.com`. */
export function origin(text: string): string {
  if (URL.parse(text)?.origin === text && text !== "null") return text;
  throw new Error("must hold origins such as https://console.example.com");
}

/** Takes a word: visible characters, no blanks or commas. */
export function word(text: string): string {
  if (/^[!-+\--~]{1,64}$/.test(text)) return text;
  throw new Error("must be 1 to 64 visible characters without blanks or commas");
}

/** Takes an address of HTTP, without a slash at its end. */
export function httpAddress(text: string): string {
  if (["http:", "https:"].includes(URL.parse(text)?.protocol ?? "") && !text.endsWith("/")) {
    return text;
  }
  throw new Error("must be an address that begins with http:// or https://, and ends in no slash");
}
