import { createHmac, timingSafeEqual } from "node:crypto";
import { CALLBACK_AGE_S } from "#mesh/limits.ts";
import { type Callback, CallbackError, type ReceivedCallback } from "./bank.ts";
import { amountIn, bankReferenceIn, readFields, saidIn } from "./bank-answer.ts";
import { kindOf } from "./bank-lookup.ts";

/**
 * Reads what a bank tells by itself. The signature over the raw bytes comes first (GATE-4): nothing
 * of a stranger's body is looked at, nor of one that was signed too long ago.
 */
export function parseBankCallback(hookSecret: string) {
  return (received: ReceivedCallback): Callback => {
    if (!isGenuine(hookSecret, received)) throw new CallbackError("STRANGER");
    const entry = readFields(received.body.toString());
    const [eventId, ref] = [entry?.["event_id"], entry?.["reference"]];
    const kind = entry && kindOf(entry);
    const amountMinor = entry && amountIn(entry);
    if (entry === undefined || !isId(eventId) || !isId(ref)) throw new CallbackError("MALFORMED");
    if (kind === undefined || kind === "NOT_FOUND" || amountMinor === "UNREADABLE")
      throw new CallbackError("MALFORMED");
    const bankReference = bankReferenceIn(entry);
    const amount = amountMinor !== undefined && { amountMinor };
    return { eventId, ref, kind, bankReference, ...saidIn(entry), ...amount };
  };
}

/** Whether one of the signatures in the header is ours, and young; all are compared (S6). */
function isGenuine(secret: string, { headers, body, nowMs }: ReceivedCallback): boolean {
  const timestamp = headerOf(headers["bank-timestamp"]);
  if (!/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > CALLBACK_AGE_S) return false;
  const wanted = createHmac("sha256", secret).update(`${timestamp}.`).update(body).digest();
  const shown = headerOf(headers["bank-signature"]).split(",").slice(0, MOST_SIGNATURES);
  return shown.map((one) => isSignature(one.trim(), wanted)).includes(true);
}

function isSignature(shown: string, wanted: Buffer): boolean {
  const [, hex] = /^v1=([\da-f]{64})$/.exec(shown) ?? [];
  return hex !== undefined && timingSafeEqual(Buffer.from(hex, "hex"), wanted);
}

function headerOf(header: string | readonly string[] | undefined): string {
  return typeof header === "string" ? header : "";
}

function isId(value: unknown): value is string {
  return typeof value === "string" && /^[!-~]{1,128}$/.test(value);
}

/** While a bank changes its secret it signs with the old one and the new one. */
const MOST_SIGNATURES = 4;
