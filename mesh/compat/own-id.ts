import { Code } from "@connectrpc/connect";
import { reasons } from "../errors.ts";
import type { Person } from "../person.ts";
import type { Fields } from "./fields.ts";

/**
 * Reads a field that names the caller, and returns who that is: the token alone tells. Throws
 * NOT_ALLOWED when it names somebody else.
 */
export function readOwnId(fields: Fields, name: string, person: Person | undefined): string {
  const given = fields.text(name);
  const id = person?.id ?? "";
  if (given !== "" && given !== id) throw refuse("NOT_ALLOWED", { field: name });
  return id;
}

const refuse = reasons("edge", {
  NOT_ALLOWED: [Code.PermissionDenied, "The field {field} has to name the caller."],
});
