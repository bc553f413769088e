import type { Feed, FeedMessage } from "./feed.ts";
import * as names from "./headers.ts";
import type { Item, Source } from "./source.ts";
import { streamOfEvent, subjectOf } from "./subject.ts";

/** A feed as a source of the relay: positions are the feed's own numbers. */
export function feedSource(feed: Feed): Source {
  const stream = streamOfEvent(feed.event);
  const subject = subjectOf(feed.event, feed.key);
  const toItem = ({ id, seq, payload, atMs }: FeedMessage): Item => {
    const headers = {
      [names.TIME_HEADER]: String(atMs),
      [names.KEY_HEADER]: feed.key,
      [names.SEQ_HEADER]: String(seq),
      [names.TYPE_HEADER]: names.PROTOBUF,
    };
    return { position: seq, id, subject, headers, payload, atMs };
  };
  return {
    name: subject,
    read: async (after, limit) => (await feed.read(after, limit)).map(toItem),
    floor: async () => feed.horizon(),
    last: async () => feed.last(),
    locate: async (bus) => {
      const message = await bus.lastOf(stream, subject);
      const seq = message?.header(names.SEQ_HEADER);
      if (message === undefined || seq === undefined) return undefined;
      return { position: Number(seq), streamSeq: message.streamSeq };
    },
  };
}
