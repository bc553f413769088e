import type { DescMessage, Message, MessageShape } from "@bufbuild/protobuf";
import type { Kysely, Transaction } from "kysely";

/** What a service does when an event happens. Its name is for good: the broker knows it (N15). */
export type Consumer<T> = Common & (Once<T> | Repeatable<T>);

type Common = {
  readonly name: string;
  readonly event: DescMessage;
  /**
   * False for an event that has no effect, whatever the database has: it is taken without a
   * statement. Only the message may decide it, and always in the same way.
   */
  concerns(message: Message): boolean;
};

type Once<T> = {
  readonly isRepeatable: false;
  /**
   * Has the effect of the event, in the transaction that also remembers the event (O5). An error
   * undoes both; the event comes again later, so that others of its key may have come before.
   */
  handle(tx: Transaction<T>, message: Message, meta: EventMeta): Promise<void>;
};

type Repeatable<T> = {
  readonly isRepeatable: true;
  /** Has the effect of the event, in one statement that is a transaction by itself. */
  handle(db: Kysely<T>, message: Message, meta: EventMeta): Promise<void>;
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
  /** True when it was a dead letter, and somebody has handed it to its consumer again. */
  readonly isRequeued?: boolean;
};

type Handler<S extends DescMessage, Q> = (
  db: Q,
  message: MessageShape<S>,
  meta: EventMeta,
) => Promise<void>;

/**
 * Makes a consumer whose handler knows the type of its message, and which leaves out the events that
 * don't concern it.
 */
export function consumer<S extends DescMessage, T>(
  event: S,
  name: string,
  handle: Handler<S, Transaction<T>>,
  concerns: (message: MessageShape<S>) => boolean = () => true,
): Consumer<T> {
  return {
    name,
    event,
    isRepeatable: false,
    concerns: (message) => concerns(message as MessageShape<S>),
    handle: (tx, message, meta) => handle(tx, message as MessageShape<S>, meta),
  };
}

/**
 * Makes a consumer that has the effect of an event each time it comes, and remembers no event: one
 * statement instead of four. It has the effect once all the same (O5) if its handler keeps to this:
 *
 * - it changes something in one statement at most, and nothing outside of the database;
 * - that statement itself compares the event with what it changes, such as by a version, so that
 *   the event again, however late and between whichever others, changes nothing any more;
 * - events in any order leave what they leave in theirs, without those that newer ones replace.
 *
 * What is remembered is then the row that has the effect, as it is in the inbox for other consumers.
 */
export function repeatable<S extends DescMessage, T>(
  event: S,
  name: string,
  handle: Handler<S, Kysely<T>>,
): Consumer<T> {
  return {
    name,
    event,
    isRepeatable: true,
    concerns: () => true,
    handle: (db, message, meta) => handle(db, message as MessageShape<S>, meta),
  };
}
