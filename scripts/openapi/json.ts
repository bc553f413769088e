import { getComments } from "@bufbuild/protoplugin";

/** A part of the document. */
export type Json = { readonly [name: string]: unknown };

/** The sentences of the contract on an element, on one line. */
export function commentOf(desc: Parameters<typeof getComments>[0]): string {
  return (getComments(desc).leading ?? "").trim().replaceAll(/\n ?/g, " ");
}

/** A body or parameter in JSON. */
export function jsonContent(schema: Json, example?: unknown): Json {
  const media = { schema, ...(example !== undefined && { example }) };
  return { content: { "application/json": media } };
}

/** A pointer to a schema of the document. */
export function schemaReference(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}
