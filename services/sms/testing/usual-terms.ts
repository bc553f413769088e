import { termsOf } from "../terms.ts";

/** What an operator has settled who says as little as can be. */
export const usualTerms = termsOf({
  magfaUrl: "http://127.0.0.1",
  magfaUsername: "user",
  magfaDomain: "domain",
  magfaPassword: () => "password",
  magfaHookSecret: () => "a secret of a test",
  magfaTimeoutMs: 2000,
  senders: ["3000505"],
  countries: ["IR"],
  maxSegments: 10,
  receiptHours: 24,
  refundUndelivered: false,
});
