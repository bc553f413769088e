import { ok } from "node:assert/strict";
import { createHttpCaller } from "#mesh/http-caller.ts";
import { BANK_TRANSFERS_PER_CALL, PROVIDER_TIMEOUT_MS } from "#mesh/limits.ts";
import type { BankProvider, Outcome } from "./bank.ts";
import { amountIn, readFields } from "./bank-answer.ts";
import { parseBankCallback } from "./bank-callback.ts";
import { lookupFindings } from "./bank-lookup.ts";
import { submitBody, submitOutcomes } from "./bank-submit.ts";

/** An account at a bank, or at a gateway to one. */
export type HttpBankOptions = {
  /** What the bank is called here and in the path of its call-backs. */
  readonly name: string;
  /** Where `v1/` is, such as https://gateway.example.com/payments. */
  readonly url: string;
  readonly key: string;
  /** What the bank signs its call-backs with. */
  readonly hookSecret: string;
  /** Whether statements of it will be imported. */
  readonly hasStatements: boolean;
  /** How long after a call it may still take it. */
  readonly windowMs: number;
  /** What may be paid through it a day, in minor units of IRR. */
  readonly dailyLimitMinor?: bigint;
  readonly timeoutMs?: number;
};

/** Speaks our protocol for banks, version 1 (docs/banks.md). */
export function httpBank(options: HttpBankOptions): BankProvider {
  const { name, url, key, hasStatements, windowMs, dailyLimitMinor } = options;
  const { timeoutMs = PROVIDER_TIMEOUT_MS } = options;
  const authorization = `Bearer ${key}`;
  const call = createHttpCaller({ baseUrl: `${url}/v1`, authorization, timeoutMs });
  const most = BANK_TRANSFERS_PER_CALL;
  return {
    name,
    caps: {
      maxTransfers: most,
      maxLookups: most,
      timeoutMs,
      windowMs,
      hasStatements,
      ...(dailyLimitMinor !== undefined && { dailyLimitMinor }),
    },
    submit: async (transfers, signal) => {
      ok(transfers.length > 0 && transfers.length <= most, "a call has 1 to 100 transfers");
      const payable = transfers.filter(({ asset }) => asset === "IRR");
      if (payable.length === 0) return transfers.map(() => otherAsset);
      const body = submitBody(payable);
      const outcomes = submitOutcomes(await call({ path: "transfers", body }, signal), payable);
      const left = outcomes.values();
      return transfers.map(({ asset }) => (asset === "IRR" ? left.next().value! : otherAsset));
    },
    lookup: async (refs, signal) => {
      ok(refs.length > 0 && refs.length <= most, "a call asks for 1 to 100 references");
      const list = refs.map(encodeURIComponent).join(",");
      return lookupFindings(await call({ path: `transfers?references=${list}` }, signal), refs);
    },
    balance: async (signal) => {
      const answer = await call({ path: "balance" }, signal);
      if (answer.kind !== "ANSWERED" || answer.status !== 200) return undefined;
      const amount = amountIn({ amount: readFields(answer.body)?.["balance"] });
      return typeof amount === "bigint" ? amount : undefined;
    },
    parseCallback: parseBankCallback(options.hookSecret),
  };
}

/** Its units are not ours to guess, so nothing is sent. */
const otherAsset: Outcome = {
  kind: "REJECTED",
  fault: "PROVIDER",
  code: "ASSET_NOT_ACCEPTED",
  text: "Only IRR is paid.",
  raw: "",
};
