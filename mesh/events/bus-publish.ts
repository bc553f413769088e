import { type JetStreamClient, JetStreamApiError } from "@nats-io/jetstream";
import { headers, type MsgHdrs } from "@nats-io/transport-node";
import { type EventHeaders, ID_HEADER } from "./headers.ts";

/** A message for the broker. */
export type Outgoing = {
  readonly stream: string;
  readonly subject: string;
  readonly id: string;
  readonly headers: EventHeaders;
  readonly payload: Uint8Array;
  /** The number of the stream's last message; with another one there, the broker refuses ours. */
  readonly afterStreamSeq: number;
};

/** What the broker answered: the number in the stream, and whether it had the id already (N4). */
export type Published = { readonly streamSeq: number; readonly duplicate: boolean };

/** Publishes, and fails what is under way when the connection is lost, instead of at a timeout. */
export function createPublisher() {
  const underWay = new Set<(error: Error) => void>();
  const publish = async (js: JetStreamClient, message: Outgoing): Promise<Published> => {
    const { promise, resolve, reject } = Promise.withResolvers<Published>();
    underWay.add(reject);
    js.publish(message.subject, message.payload, {
      headers: toNatsHeaders(message.headers),
      msgID: message.id,
      expect: { streamName: message.stream, lastSequence: message.afterStreamSeq },
    }).then(({ seq, duplicate }) => resolve({ streamSeq: seq, duplicate }), reject);
    try {
      return await promise;
    } finally {
      underWay.delete(reject);
    }
  };
  const fail = () => {
    for (const reject of underWay) reject(new Error("the broker went away"));
  };
  return { publish, fail };
}

/** Whether the stream takes nothing because it is full, or the broker's disk is (N8). */
export function isFull(error: unknown): boolean {
  return error instanceof JetStreamApiError && /maximum|insufficient|resource/.test(error.message);
}

function toNatsHeaders(values: EventHeaders): MsgHdrs {
  const result = headers();
  for (const [name, value] of Object.entries(values)) {
    if (!name.endsWith(ID_HEADER)) result.set(name, value); // N6
  }
  return result;
}
