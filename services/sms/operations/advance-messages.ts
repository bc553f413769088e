import type { Transaction } from "kysely";
import type { Sms } from "../context.ts";
import type { Input } from "../domain/inputs.ts";
import type { ChargeState, FailureReason, Lane, MessageState } from "../domain/message.ts";
import type { Tables } from "../store/tables.ts";

/** Something that happened to a message. */
export type Advance = {
  readonly messageId: string;
  /** The chunk of the message, when it is known; it saves a look-up. */
  readonly chunkId?: string;
  readonly input: Input;
  /** What is noted beside a retry or a doubt (ST-2), such as the provider's code. */
  readonly detail?: string;
};

/** A message that moved. */
export type Advanced = {
  readonly messageId: string;
  readonly chunkId: string;
  readonly accountId: string;
  readonly lane: Lane;
  readonly from: MessageState;
  readonly state: MessageState;
  readonly charge: ChargeState;
  readonly failure: FailureReason | undefined;
  /** In minor units. */
  readonly price: bigint;
  readonly revision: number;
};

/** Moves messages. */
export async function advanceMessages(
  _sms: Pick<Sms, "terms" | "currency">,
  _tx: Transaction<Tables>,
  _advances: readonly Advance[],
): Promise<Advanced[]> {
  return [];
}
