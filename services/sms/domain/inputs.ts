import type { FailureReason } from "./message.ts";

/** What can happen to a message after it was queued: the causes of the table of states (ST). */
export type Input =
  /** A worker has taken it, and is about to hand it to a provider. */
  | { readonly kind: "TAKEN"; readonly provider: string }
  /** The provider has it, as the answer or a later question says. */
  | {
      readonly kind: "SENT";
      readonly providerId: string;
      readonly tariff?: string;
      readonly parts?: number;
    }
  /** It was surely not accepted, and may be tried again. */
  | { readonly kind: "PUT_BACK" }
  /** It can never go, or the provider refuses it once more for what nobody knows. */
  | { readonly kind: "REFUSED"; readonly failure: FailureReason }
  /** Whether the provider has it is not known (FO-1). */
  | { readonly kind: "UNKNOWN" }
  /** The provider was asked often enough, and does not know it (FO-4). */
  | { readonly kind: "NOT_FOUND" }
  /** It could not be found out in time. */
  | { readonly kind: "GIVEN_UP" }
  /** Its validity is over, and it was surely not sent. */
  | { readonly kind: "EXPIRED" }
  /** The provider tells what became of it. */
  | { readonly kind: "RECEIPT"; readonly state: "DELIVERED" | "UNDELIVERED" | "SENT" | "FAILED" }
  /** No receipt came in time (DLR-7). */
  | { readonly kind: "NO_RECEIPT" };
