import type { ConnectError } from "@connectrpc/connect";
import {
  MAX_CLIENT_REFERENCE_LENGTH,
  MAX_CONTENT_LENGTH,
  MAX_RECEIVER_LENGTH,
  MAX_TAG_LENGTH,
  MAX_TAGS,
} from "#mesh/limits.ts";
import { fail } from "../errors.ts";

/** What a sender writes freely. */
export type Fields = {
  readonly receiver: string;
  readonly content: string;
  readonly clientReference: string;
  readonly tags: readonly string[];
};

/**
 * Checks what the contract does not say of the texts of a batch, since that would refuse the whole
 * batch (BULK-1). Throws INVALID_FIELD.
 */
export function checkFields({ receiver, content, clientReference, tags }: Fields): void {
  if (isLonger(receiver, MAX_RECEIVER_LENGTH)) throw tooLong("receiver", MAX_RECEIVER_LENGTH);
  if (isLonger(content, MAX_CONTENT_LENGTH)) throw tooLong("content", MAX_CONTENT_LENGTH);
  if (isLonger(clientReference, MAX_CLIENT_REFERENCE_LENGTH)) {
    throw tooLong("client_reference", MAX_CLIENT_REFERENCE_LENGTH);
  }
  if (!isStorable(clientReference)) throw unreadable("client_reference");
  if (tags.length === 0) return;
  if (tags.length > MAX_TAGS) {
    throw fail("INVALID_FIELD", { field: "tags", rule: `has at most ${MAX_TAGS} labels` });
  }
  if (new Set(tags).size < tags.length) {
    throw fail("INVALID_FIELD", { field: "tags", rule: "has each label once" });
  }
  for (const tag of tags) {
    if (tag === "" || isLonger(tag, MAX_TAG_LENGTH)) {
      const rule = `has labels of 1 to ${MAX_TAG_LENGTH} characters`;
      throw fail("INVALID_FIELD", { field: "tags", rule });
    }
    if (!isStorable(tag)) throw unreadable("tags");
  }
}

/** Counts characters, as the contract does, and not their halves. */
function isLonger(text: string, most: number): boolean {
  if (text.length <= most) return false;
  return text.length > 2 * most || Array.from(text).length > most;
}

function tooLong(field: string, most: number): ConnectError {
  return fail("INVALID_FIELD", { field, rule: `has at most ${most} characters` });
}

function unreadable(field: string): ConnectError {
  return fail("INVALID_FIELD", { field, rule: "has no half of a surrogate pair, and no U+0000" });
}

/** Whether a text can be stored: no text of PostgreSQL, and none in UTF-8, can hold the others. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}
