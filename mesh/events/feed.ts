import type { DescMessage } from "@bufbuild/protobuf";

/**
 * A table that is its own outbox: one writer appends to it, without a gap, so that reading on by
 * number is safe. The relay publishes it under `subjectOf(event, key)`.
 */
export type Feed = {
  readonly event: DescMessage;
  /** Whose events these are, as the token of the subject: the shard of a ledger. */
  readonly key: string;
  /**
   * Reads the messages after a number, in order, `limit` at most. What was read once is read again
   * as the same messages with the same ids, since consumers know events by their ids (O5).
   */
  read(afterSeq: number, limit: number): Promise<readonly FeedMessage[]>;
  /**
   * The number after which a lost stream is published again; at least the last 24 hours (N1) and
   * at most the last 3 days, which is what the inboxes of consumers remember.
   */
  horizon(): Promise<number>;
  /** The number of the last message, 0 while there is none. */
  last(): Promise<number>;
  /** Where the messages since a time begin, in milliseconds since 1970, and how many there are. */
  since(atMs: number): Promise<{ readonly afterSeq: number; readonly count: number }>;
  /** Calls the listener after each commit, so that the relay needn't look (O4). */
  onCommit(listener: () => void): Disposable;
};

/** What one commit made known. */
export type FeedMessage = {
  /** The id of the event, 1 to 128 visible ASCII characters. */
  readonly id: string;
  readonly firstSeq: number;
  /** The number of the last item; the first one follows the last one of the message before. */
  readonly seq: number;
  readonly payload: Uint8Array;
  readonly atMs: number;
};
