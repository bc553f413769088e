import { Metadata, type MetadataValue } from "@grpc/grpc-js";

/**
 * Shows the metadata of grpc-js as headers, without a copy: what is set on the one is there on the
 * other. Repeated values join with a comma, binary ones are base64. Throws on what gRPC can't
 * carry, such as text beyond ASCII. Headers of a connection or a body are left out (AD-10).
 */
export class MetadataHeaders implements Headers {
  readonly metadata: Metadata;

  constructor(metadata: Metadata = new Metadata()) {
    this.metadata = metadata;
  }

  get(name: string): string | null {
    const values = this.metadata.get(name);
    if (values.length === 1 && typeof values[0] === "string") return values[0];
    return values.length === 0 ? null : values.map(toText).join(", ");
  }

  has(name: string): boolean {
    return this.metadata.get(name).length > 0;
  }

  set(name: string, value: string): void {
    this.metadata.remove(name);
    this.append(name, value);
  }

  append(name: string, value: string): void {
    const key = name.toLowerCase();
    if (framing.has(key)) return;
    if (!key.endsWith("-bin")) this.metadata.add(key, value.trim());
    else for (const part of value.split(",")) this.metadata.add(key, Buffer.from(part, "base64"));
  }

  delete(name: string): void {
    this.metadata.remove(name);
  }

  getSetCookie(): string[] {
    return this.metadata.get("set-cookie").map(toText);
  }

  forEach(callback: (value: string, name: string, parent: Headers) => void, self?: unknown): void {
    for (const [name, value] of this) callback.call(self, value, name, this);
  }

  *keys(): Generator<string> {
    for (const [name] of this) yield name;
  }

  *values(): Generator<string> {
    for (const [, value] of this) yield value;
  }

  entries(): Generator<[string, string]> {
    return this[Symbol.iterator]();
  }

  *[Symbol.iterator](): Generator<[string, string]> {
    for (const name of Object.keys(this.metadata.getMap()).toSorted()) {
      const values = this.metadata.get(name).map(toText);
      if (name !== "set-cookie") yield [name, values.join(", ")];
      else for (const value of values) yield [name, value];
    }
  }
}

/** Headers that describe a connection or a body. They would break the call they are copied to. */
const framing = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

function toText(value: MetadataValue): string {
  return typeof value === "string" ? value : value.toString("base64");
}
