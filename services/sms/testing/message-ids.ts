import { newId } from "#mesh/ids.ts";
import { firstIdAt } from "../domain/message-id.ts";

/** The id of a message that was accepted at a time, in epoch milliseconds; another each time. */
export function idAt(ms: number): string {
  return firstIdAt(ms).slice(0, 13) + newId().slice(13);
}
