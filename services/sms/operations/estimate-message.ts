import type { Sms } from "../context.ts";
import { nonGsmChars } from "../domain/non-gsm-chars.ts";
import { segment } from "../domain/segment.ts";
import { smartEncoding } from "../domain/smart-encoding.ts";
import type { PreparedText } from "../domain/prepared-text.ts";
import { prepareContent, prepareText, type TextToSend } from "./prepare-text.ts";

/** What a text would be on the air, and cost. */
export type Estimate = Pick<
  PreparedText,
  "encoding" | "segments" | "price" | "receiver" | "operator"
> & {
  readonly units: number;
  readonly unitsLeft: number;
  readonly nonGsmChars: readonly string[];
  readonly warnings: readonly string[];
};

/**
 * Tells what a text would be and cost, by the same rules as sending it (RATE-4); one without a
 * receiver is looked at alone. Throws what `prepareText` throws.
 */
export function estimateMessage({ terms, rates }: Sms, text: TextToSend): Estimate {
  const prepare = text.receiver === "" ? prepareContent : prepareText;
  const { content, encoding, segments, price, receiver, operator } = prepare(text, {
    terms,
    card: rates(),
  });
  const { units, unitsLeft } = segment(content);
  return {
    encoding,
    segments,
    price,
    receiver,
    operator,
    units,
    unitsLeft,
    nonGsmChars: encoding === "GSM7" ? [] : nonGsmChars(content),
    warnings: encoding === "GSM7" ? [] : warningsOf(content, segments),
  };
}

function warningsOf(content: string, segments: number): string[] {
  const smart = segment(smartEncoding(content));
  if (smart.encoding !== "GSM7" || smart.parts.length >= segments) return [];
  const parts = smart.parts.length === 1 ? "1 part" : `${smart.parts.length} parts`;
  return [`With smart_encoding the text would be GSM7 and have ${parts}.`];
}
