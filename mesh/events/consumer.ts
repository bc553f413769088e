import type { DescMessage, Message, MessageShape } from "@bufbuild/protobuf";
import type { Transaction } from "kysely";

/** What a service does when an event happens. Its name is for good: the broker knows it (N15). */
export type Consumer<T> = {
  readonly name: string;
  readonly event: DescMessage;
  /**
   * Has the effect of the event, in the transaction that also remembers the event (O5). An error
   * undoes both; the event comes again later, so that others of its key may have come before.
   */
  handle(tx: Transaction<T>, message: Message, meta: EventMeta): Promise<void>;
};

/** What is known of an event besides its message. */
export type EventMeta = {
  readonly id: string;
  readonly subject: string;
  /** Whose event it is. */
  readonly key: string;
  /** The number of the event among those of its key, or of its last item (O6). */
  readonly seq?: number;
  /** When it happened, in milliseconds since 1970. */
  readonly atMs: number;
};

/** Makes a consumer whose handler knows the type of its message. */
export function consumer<S extends DescMessage, T>(
  event: S,
  name: string,
  handle: (tx: Transaction<T>, message: MessageShape<S>, meta: EventMeta) => Promise<void>,
): Consumer<T> {
  return {
    name,
    event,
    handle: (tx, message, meta) => handle(tx, message as MessageShape<S>, meta),
  };
}
