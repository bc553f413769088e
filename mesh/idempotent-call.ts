import { createContextKey } from "@connectrpc/connect";

/** A call that has its effect once, however often it comes (IDEM-5). */
export type IdempotentCall = {
  /** Who calls: keys of different principals never meet. */
  readonly principal: string;
  /** The full name of the method, such as "mizan.billing.v1.WalletService/ChargeAccount". */
  readonly method: string;
  /** The caller's name for the call: 1 to 255 visible characters. */
  readonly key: string;
  /** SHA-256 of the canonical request without its key. */
  readonly hash: Uint8Array;
  /** Whether the answer is that of an earlier call; the caller is told by a header. */
  replayed: boolean;
};

/** The call's key; undefined for methods that have none. */
export const callKey = createContextKey<IdempotentCall | undefined>(undefined, {
  description: "the idempotency key of the call",
});
