import { asFields } from "#mesh/fields.ts";
import { createHash, timingSafeEqual } from "node:crypto";
import { MAX_CALLBACK_RECEIPTS } from "#mesh/limits.ts";
import { stateOf } from "./magfa-codes.ts";
import { asCode, asId, readObject } from "./magfa-json.ts";
import { type Callback, CallbackError, type ProviderReceipt } from "./provider.ts";

/**
 * Reads receipts that Magfa pushes. Its form of them is agreed with the customer and not published:
 * ours is JSON, `{"receipts":[{"mid":"…","status":1}]}`, or one `mid` and `status` as a form or in
 * the query. The caller shows the secret as the password of Basic authentication, or where only an
 * address can be set, as `secret` in the query.
 */
export function parseMagfaCallback(hookSecret: string) {
  const wanted = digest(hookSecret);
  return (callback: Callback): readonly ProviderReceipt[] => {
    const isKnown = shownSecrets(callback).map((shown) => timingSafeEqual(digest(shown), wanted));
    if (!isKnown.includes(true)) throw new CallbackError("STRANGER");
    return entriesOf(callback).flatMap(toReceipts);
  };
}

/** Every secret that the caller shows (S6). */
function shownSecrets({ headers, query }: Callback): readonly string[] {
  const [, basic = ""] = /^Basic ([\w+/=-]+)$/i.exec(textOf(headers["authorization"])) ?? [];
  const pair = Buffer.from(basic, "base64").toString();
  const shown = [query.get("secret") ?? "", pair.slice(pair.indexOf(":") + 1)];
  return shown.filter((secret) => secret !== "");
}

function entriesOf({ headers, query, body }: Callback): readonly unknown[] {
  const type = textOf(headers["content-type"]);
  if (!type.startsWith("application/json")) {
    const isForm = type.startsWith("application/x-www-form-urlencoded");
    return [Object.fromEntries(isForm ? new URLSearchParams(body) : query)];
  }
  const entries = readObject(body)?.["receipts"];
  if (Array.isArray(entries) && entries.length <= MAX_CALLBACK_RECEIPTS) return entries;
  throw new CallbackError("MALFORMED");
}

/** One receipt, or none where the status says nothing. */
function toReceipts(entry: unknown): readonly ProviderReceipt[] {
  const fields = asFields(entry);
  const providerId = asId(fields?.["mid"]);
  const status = asCode(fields?.["status"]);
  if (providerId === undefined || status === undefined) throw new CallbackError("MALFORMED");
  const state = stateOf(status);
  return state === undefined ? [] : [{ providerId, state }];
}

function textOf(header: string | readonly string[] | undefined): string {
  return typeof header === "string" ? header : "";
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
