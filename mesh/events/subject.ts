import type { DescMessage } from "@bufbuild/protobuf";
import { bucketOf } from "../ids.ts";

/**
 * The subject of an event: the full name of its type, by which any language finds the schema, and
 * a token of its key. Throws when the token would not be one token of a subject.
 */
export function subjectOf(schema: DescMessage, token: string): string {
  if (!/^[\w-]{1,64}$/.test(token)) throw new Error(`"${token}" can't be a token of a subject`);
  return `${schema.typeName}.${token}`;
}

/** The token of a key of which there are many: its bucket, so that subjects stay few. */
export function bucketToken(key: string): string {
  return String(bucketOf(key));
}

/** The subjects of an event, whatever its key. */
export function subjectsOf(schema: DescMessage): string {
  return `${schema.typeName}.>`;
}

/** The stream of a package: "mizan.billing.v1" has MIZAN_BILLING. */
export function streamOf(packageName: string): string {
  return packageName
    .replace(/\.v\d+$/, "")
    .replaceAll(".", "_")
    .toUpperCase();
}

/** The stream that carries an event: that of its package. */
export function streamOfEvent(schema: DescMessage): string {
  return streamOf(schema.file.proto.package);
}
