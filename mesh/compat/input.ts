import type { IncomingMessage } from "node:http";
import { refusal } from "../edge/refusals.ts";

/** Reads the fields of a query. A name that comes twice has a list of texts. */
export function fromQuery({ url = "" }: IncomingMessage): ReadonlyMap<string, unknown> {
  const query = new URLSearchParams(url.includes("?") ? url.slice(url.indexOf("?")) : "");
  return new Map(
    Array.from(new Set(query.keys()), (name) => {
      const values = query.getAll(name);
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
}

/** Reads the fields of a JSON object; no body stands for no fields. Throws MALFORMED_REQUEST. */
export function fromJsonBody(body: Uint8Array): ReadonlyMap<string, unknown> {
  let value: unknown;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    value = text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    throw refusal("MALFORMED_REQUEST", { problem: "the body is not JSON in UTF-8" });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refusal("MALFORMED_REQUEST", { problem: "the body is not a JSON object" });
  }
  return new Map(Object.entries(value));
}

/** Whether a request says that its body is plain JSON. */
export function isJson({ headers }: IncomingMessage): boolean {
  const type = /^application\/json *(?:; *charset *= *"?utf-8"? *)?$/i;
  const encoding = headers["content-encoding"] ?? "identity";
  return type.test(headers["content-type"] ?? "") && encoding === "identity";
}
