import { asFields, type Fields } from "#mesh/fields.ts";
import { ok } from "node:assert/strict";
import { MAX_CHUNK_MESSAGES, MAX_LOOKUPS_AT_ONCE, PROVIDER_TIMEOUT_MS } from "#mesh/limits.ts";
import { toMinor } from "#mesh/money.ts";
import { type Answer, createHttpCaller, type HttpCaller } from "#mesh/http-caller.ts";
import { parseMagfaCallback } from "./magfa-callback.ts";
import { stateOf } from "./magfa-codes.ts";
import { asCode, asId, readObject } from "./magfa-json.ts";
import { submitBody, submitOutcomes } from "./magfa-submit.ts";
import type { Found, ProviderReceipt, SmsProvider } from "./provider.ts";

/** An account at Magfa. */
export type MagfaOptions = {
  /** Where HTTP v2 is, such as https://sms.magfa.com/api/http/sms/v2. */
  readonly baseUrl: string;
  readonly username: string;
  readonly domain: string;
  readonly password: string;
  /** What callers of our hook have to show. */
  readonly hookSecret: string;
  readonly timeoutMs?: number;
};

/** Speaks HTTP v2 of Magfa (https://messaging.magfa.com/ui/?public/wiki/api/http_v2). */
export function magfa(options: MagfaOptions): SmsProvider {
  const { baseUrl, username, domain, password, timeoutMs = PROVIDER_TIMEOUT_MS } = options;
  const basic = Buffer.from(`${username}/${domain}:${password}`).toString("base64");
  const call = createHttpCaller({ baseUrl, authorization: `Basic ${basic}`, timeoutMs });
  const most = MAX_CHUNK_MESSAGES;
  return {
    name: "magfa",
    caps: { maxRecipients: most, maxLookups: most, maxPolled: most, timeoutMs },
    submit: async (texts, signal) => {
      ok(texts.length > 0 && texts.length <= most, "a call has 1 to 100 texts");
      return submitOutcomes(await call({ path: "send", body: submitBody(texts) }, signal), texts);
    },
    lookup: (refs, signal) => lookupAll(call, refs, signal),
    poll: async (providerIds, signal) => {
      if (providerIds.length === 0) return [];
      const fields = accepted(await call({ path: `statuses/${providerIds.join(",")}` }, signal));
      const receipts = fields?.["dlrs"];
      return Array.isArray(receipts)
        ? receipts.flatMap((entry) => toReceipts(asFields(entry)))
        : [];
    },
    parseCallback: parseMagfaCallback(options.hookSecret),
    balance: async (signal) => {
      const left = accepted(await call({ path: "balance" }, signal))?.["balance"];
      return typeof left === "string" && rials.test(left) ? toMinor(left, RIAL_SCALE) : undefined;
    },
  };
}

/** The fields of an answer that says that all is well. */
function accepted(answer: Answer): Fields | undefined {
  if (answer.kind !== "ANSWERED" || answer.status !== 200) return undefined;
  const fields = readObject(answer.body);
  return asCode(fields?.["status"]) === "0" ? fields : undefined;
}

/** Asks for references one by one, since Magfa takes one a call, a few at a time. */
async function lookupAll(
  call: HttpCaller,
  refs: readonly bigint[],
  signal: AbortSignal,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  const left = refs.entries();
  const ask = async () => {
    for (const [index, ref] of left)
      found[index] = toFound(accepted(await call({ path: `mid/${ref}` }, signal))?.["mid"]);
  };
  await Promise.all(Array.from({ length: MAX_LOOKUPS_AT_ONCE }, ask));
  return found;
}

/** Only a clear -1 says that Magfa never had a text: anything else is asked again (FO-4). */
function toFound(mid: unknown): Found {
  if (mid === "-1") return { kind: "NOT_FOUND" };
  const providerId = asId(mid);
  const isFound = providerId !== undefined && providerId !== "0";
  return isFound ? { kind: "FOUND", providerId } : { kind: "NO_ANSWER" };
}

function toReceipts(entry: Fields | undefined): readonly ProviderReceipt[] {
  const providerId = asId(entry?.["mid"]);
  const state = stateOf(asCode(entry?.["status"]) ?? "");
  return providerId === undefined || state === undefined ? [] : [{ providerId, state }];
}

/** Magfa's credit is in rials, which have two decimals on the ledger. */
const RIAL_SCALE = 2;
const rials = /^(0|[1-9]\d{0,15})(\.\d{1,2})?$/;
