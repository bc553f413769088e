import { MAX_SENDER_LENGTH } from "#mesh/limits.ts";
import type { Terms } from "../context.ts";
import type { TrafficClass } from "../domain/message.ts";
import { operatorOf } from "../domain/operator.ts";
import { type Priced, priceOf } from "../domain/price-of.ts";
import type { PreparedText } from "../domain/prepared-text.ts";
import type { RateCard } from "../domain/rate-card.ts";
import { parseReceiver } from "../domain/receiver.ts";
import { type Segments, segment } from "../domain/segment.ts";
import { smartEncoding } from "../domain/smart-encoding.ts";
import { fail } from "../errors.ts";
import { checkFields, isStorable, type Fields } from "./check-fields.ts";

/** A text as its sender wants it sent. */
export type TextToSend = Fields & {
  /** Empty for the usual line. */
  readonly sender: string;
  readonly isExpress: boolean;
  readonly trafficClass: TrafficClass;
  /** How long it may be sent; the usual time of its lane when absent. */
  readonly validityMs?: number | undefined;
  /** The most parts that the sender wants to pay for; 0 for the account's limit. */
  readonly maxSegments: number;
  readonly smartEncoding: boolean;
};

/** What texts are judged by. */
export type Policy = {
  readonly terms: Pick<Terms, "senders" | "countries" | "maxSegments" | "validityMs" | "promiseMs">;
  readonly card: RateCard;
  /** How a text is divided; a batch remembers it for texts that come again. */
  readonly divide?: (content: string) => Segments;
};

/**
 * Judges and prices a text by memory alone: the one way for estimates, single texts and batches
 * (MON-1, RATE-4). Throws INVALID_FIELD, INVALID_BODY, EMPTY_BODY, INVALID_RECEIVER, GEO_BLOCKED,
 * SENDER_NOT_ALLOWED, TOO_MANY_SEGMENTS or NO_RATE: the first that applies, in this order.
 */
export function prepareText(text: TextToSend, policy: Policy): PreparedText {
  checkFields(text);
  const content = contentOf(text);
  const receiver = receiverOf(text.receiver, policy);
  return priced(text, { ...policy, content, receiver });
}

/** Judges and prices a text without a receiver, as `prepareText` would. */
export function prepareContent(text: TextToSend, policy: Policy): PreparedText {
  checkFields(text);
  return priced(text, { ...policy, content: contentOf(text), receiver: "" });
}

/** The line class of all lines, as long as there is one (RATE-2). */
const LINE_CLASS = "SERVICE";

function priced(
  text: TextToSend,
  from: Policy & { readonly content: string; readonly receiver: string },
): PreparedText {
  const { terms, card, content, receiver, divide = segment } = from;
  const { trafficClass, clientReference, tags } = text;
  const sender = senderOf(text.sender, terms);
  const { encoding, parts } = divide(content);
  const segments = parts.length;
  const allowed = Math.min(terms.maxSegments, text.maxSegments || terms.maxSegments);
  if (segments > allowed) throw fail("TOO_MANY_SEGMENTS", { segments, allowed });
  const lane = text.isExpress || trafficClass === "OTP" ? "EXPRESS" : "BULK";
  const operator = operatorOf(receiver);
  const rated: Priced = {
    number: receiver,
    operator,
    lineClass: LINE_CLASS,
    lane,
    encoding,
    segments,
  };
  const rate = priceOf(card, rated);
  if (rate === undefined) throw fail("NO_RATE");
  return {
    receiver,
    operator,
    sender,
    content,
    lane,
    trafficClass,
    encoding,
    segments,
    price: rate.price,
    validityMs: text.validityMs ?? terms.validityMs[lane],
    promiseMs: lane === "EXPRESS" ? terms.promiseMs : undefined,
    clientReference,
    tags,
  };
}

function contentOf({ content, smartEncoding: isSmart }: TextToSend): string {
  if (!isStorable(content)) {
    throw fail("INVALID_BODY", { position: content.replaceAll("\0", "\uDC00").search(lone) });
  }
  if (invisible.test(content)) throw fail("EMPTY_BODY"); // SEG-9
  return isSmart ? smartEncoding(content) : content;
}

/** Nothing that a reader would see: blanks, and marks such as ZWNJ that only shape what is there. */
const invisible = /^[\s\p{Cf}]*$/u;
/** With the flag u a pair is one character, and only a lone half is of this kind. */
const lone = /\p{Cs}/u;

function receiverOf(input: string, { terms }: Policy): string {
  const { countries } = terms;
  const receiver = parseReceiver(input, countries[0], { countries, fixedLines: false });
  if (!("refused" in receiver)) return receiver.number;
  if (receiver.refused === "GEO_BLOCKED") {
    throw fail("GEO_BLOCKED", { country: receiver.country });
  }
  throw fail("INVALID_RECEIVER", { receiver: input.toWellFormed() });
}

function senderOf(given: string, { senders }: Pick<Terms, "senders">): string {
  const sender = given === "" ? senders[0]! : given;
  if (senders.includes(sender)) return sender;
  const shown = sender.toWellFormed().slice(0, MAX_SENDER_LENGTH);
  throw fail("SENDER_NOT_ALLOWED", { sender: shown });
}
