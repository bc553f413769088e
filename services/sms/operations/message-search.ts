import type { Sms } from "../context.ts";
import { firstIdAt, LAST_ID } from "../domain/message-id.ts";
import type { MessageState, TrafficClass } from "../domain/message.ts";
import { parseReceiver } from "../domain/receiver.ts";
import { fail } from "../errors.ts";
import type { IdRange, MessageFilter } from "../store/find-messages.ts";

/** Which messages somebody asks for, as the wire has it: what is empty asks for nothing. */
export type MessageSearch = {
  /** Whose; undefined for everybody's. */
  readonly accountId: string | undefined;
  readonly states: readonly MessageState[];
  /** In any usual form. */
  readonly receiver: string;
  /** Accepted at this time or later, in epoch milliseconds. */
  readonly startMs: number | undefined;
  /** Accepted before this time, in epoch milliseconds. */
  readonly endMs: number | undefined;
  readonly clientReference: string;
  readonly sender: string;
  readonly trafficClass: TrafficClass | undefined;
  readonly tag: string;
};

/** A search without a wish, but for whose messages it is about. */
export const searchOf = (accountId: string | undefined): MessageSearch => ({
  accountId,
  states: [],
  receiver: "",
  startMs: undefined,
  endMs: undefined,
  clientReference: "",
  sender: "",
  trafficClass: undefined,
  tag: "",
});

/**
 * What a search looks for, and where. Throws INVALID_RECEIVER for what is no number: a misspelt one
 * would have no messages, and nobody would see why.
 */
export function readSearch(
  { terms }: Pick<Sms, "terms">,
  search: MessageSearch,
): { readonly filter: MessageFilter; readonly range: IdRange } {
  const { accountId, states, receiver, startMs, endMs, trafficClass } = search;
  const filter = {
    accountId,
    receiver: receiver === "" ? undefined : numberOf(receiver, terms.countries[0] ?? "IR"),
    states: states.length === 0 ? undefined : states,
    clientReference: textOf(search.clientReference),
    sender: textOf(search.sender),
    trafficClass,
    tag: textOf(search.tag),
  };
  const fromId = firstIdAt(startMs ?? 0);
  const beforeId = endMs === undefined ? LAST_ID : firstIdAt(endMs);
  return { filter, range: { fromId, beforeId } };
}

/** A text to compare with; undefined for none. What PostgreSQL can't hold, no message has. */
function textOf(text: string): string | undefined {
  return text === "" ? undefined : text.replaceAll("\0", "\uFFFD");
}

/** The number in E.164, wherever it is: what was sent once can be found, whatever is allowed now. */
function numberOf(receiver: string, region: string): string {
  let read = parseReceiver(receiver, region, { countries: [region], fixedLines: true });
  if ("refused" in read && read.refused === "GEO_BLOCKED") {
    read = parseReceiver(receiver, region, { countries: [read.country], fixedLines: true });
  }
  if ("refused" in read) throw fail("INVALID_RECEIVER", { receiver });
  return read.number;
}
