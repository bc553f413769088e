import type { Currency } from "./events.ts";

/** What messages are paid in: rials, in the minor units of the ledger (RATE-1). */
export const currency: Currency = { asset: "IRR", scale: 2 };
