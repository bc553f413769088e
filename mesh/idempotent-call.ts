import { createContextKey } from "@connectrpc/connect";

/** A mutation that may come again: under which key its answer is stored (A3, L6). */
export type IdempotentCall = {
  /** Whose key it is: the account that calls, whichever of its credentials it uses. */
  readonly principal: string;
  /** The method, such as "mizan.core.v1.UserService/RegisterUser". */
  readonly method: string;
  readonly key: string;
  /** The SHA-256 of the request without its key. */
  readonly hash: Uint8Array;
  /** Whether the answer is the stored one; whoever finds it says so. */
  replayed: boolean;
};

/** The key of the call; undefined where nothing is stored for a replay. */
export const callKey = createContextKey<IdempotentCall | undefined>(undefined, {
  description: "the key of the call",
});
