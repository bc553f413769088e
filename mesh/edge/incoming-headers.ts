import type { IncomingHttpHeaders } from "node:http";

/**
 * Shows the headers of a request as those of the web, without a copy of all as long as they are read
 * one by one. Values that came several times join with a comma.
 */
export class IncomingHeaders implements Headers {
  readonly #incoming: IncomingHttpHeaders;
  #copied: Headers | undefined;

  constructor(incoming: IncomingHttpHeaders) {
    this.#incoming = incoming;
  }

  get(name: string): string | null {
    if (this.#copied !== undefined) return this.#copied.get(name);
    const key = name.toLowerCase();
    if (!Object.hasOwn(this.#incoming, key)) return null; // "constructor" is a header like others
    const value = this.#incoming[key];
    const text = Array.isArray(value) ? value.join(", ") : (value ?? null);
    // Of several values the last may be empty, and the web takes off the space before it.
    return text?.endsWith(" ") === true ? this.#all().get(name) : text;
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }

  set(name: string, value: string): void {
    this.#all().set(name, value);
  }

  append(name: string, value: string): void {
    this.#all().append(name, value);
  }

  delete(name: string): void {
    this.#all().delete(name);
  }

  getSetCookie(): string[] {
    return this.#all().getSetCookie();
  }

  forEach(callback: (value: string, name: string, parent: Headers) => void, self?: unknown): void {
    for (const [name, value] of this) callback.call(self, value, name, this);
  }

  keys(): ReturnType<Headers["keys"]> {
    return this.#all().keys();
  }

  values(): ReturnType<Headers["values"]> {
    return this.#all().values();
  }

  entries(): ReturnType<Headers["entries"]> {
    return this.#all().entries();
  }

  [Symbol.iterator](): ReturnType<Headers["entries"]> {
    return this.entries();
  }

  #all(): Headers {
    if (this.#copied !== undefined) return this.#copied;
    const all = new Headers();
    for (const [name, value] of Object.entries(this.#incoming)) {
      for (const one of [value ?? []].flat()) all.append(name, one);
    }
    return (this.#copied = all);
  }
}
