import {
  AckPolicy,
  type ConsumerMessages,
  DeliverPolicy,
  type JetStreamManager,
  type JsMsg,
  ReplayPolicy,
} from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import { ACK_WAIT_MS, CONSUMER_HEARTBEAT_MS, MAX_EVENTS_HELD } from "../limits.ts";

/** A durable consumer (N15): the broker knows how far it is, whoever reads for it. */
export type Durable = {
  readonly name: string;
  readonly stream: string;
  readonly subject: string;
  /** After how long without a sign a message is given to us again. */
  readonly ackWaitMs?: number;
  /** How many messages a reader takes ahead; fewer leave more to the others. */
  readonly maxHeld?: number;
};

/** A message that was given to us. Exactly one of ack, retry and giveUp ends it. */
export type Delivery = {
  readonly stream: string;
  readonly streamSeq: number;
  readonly subject: string;
  readonly payload: Uint8Array;
  /** How often it was given to a reader, this time included. */
  readonly attempt: number;
  /** How many messages the broker has for us after this one. */
  readonly waiting: number;
  readonly header: (name: string) => string | undefined;
  readonly ack: () => void;
  /** Asks for it again after a while (N10). */
  readonly retry: (delayMs: number) => void;
  /** Tells the broker never to give it again (N9). */
  readonly giveUp: () => void;
  /** Asks for more time (N10). */
  readonly working: () => void;
};

/** Messages that are being taken. Disposing of it takes no more. */
export type Pull = AsyncDisposable & {
  /** Says why it ended by itself, such as a lost stream or a silent broker (N13). */
  readonly ended: Promise<string>;
};

/** Takes the messages of a durable consumer, which is made unless it is there. */
export async function pull(
  jsm: JetStreamManager,
  durable: Durable,
  take: (delivery: Delivery) => void,
): Promise<Pull> {
  const { maxHeld = MAX_EVENTS_HELD } = durable;
  await jsm.consumers.add(durable.stream, {
    durable_name: durable.name,
    filter_subject: durable.subject,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(durable.ackWaitMs ?? ACK_WAIT_MS),
    deliver_policy: DeliverPolicy.All,
    replay_policy: ReplayPolicy.Instant,
    max_ack_pending: 4 * maxHeld,
    max_deliver: -1, // the reader counts, and writes the dead letter before it gives up (N9)
  });
  const consumer = await jsm.jetstream().consumers.get(durable.stream, durable.name);
  const messages = await consumer.consume({
    max_messages: maxHeld,
    expires: 2 * CONSUMER_HEARTBEAT_MS,
    idle_heartbeat: CONSUMER_HEARTBEAT_MS,
    callback: (message) => take(toDelivery(message)),
  });
  const ended = Promise.race([
    failureOf(messages),
    messages.closed().then((error) => String(error ?? "closed")),
  ]);
  return {
    ended,
    [Symbol.asyncDispose]: async () => {
      await messages.close();
    },
  };
}

/** Waits for what the client would wait out in silence (N13). */
async function failureOf(messages: ConsumerMessages): Promise<string> {
  for await (const { type } of messages.status()) if (failures.has(type)) return type;
  return "closed";
}

const failures = new Set([
  "heartbeats_missed",
  "consumer_not_found",
  "consumer_deleted",
  "stream_not_found",
  "no_responders",
]);

function toDelivery(message: JsMsg): Delivery {
  const { stream, streamSequence, deliveryCount, pending } = message.info;
  const { headers } = message;
  return {
    stream,
    streamSeq: streamSequence,
    subject: message.subject,
    payload: message.data,
    attempt: deliveryCount,
    waiting: pending,
    header: (name) => (headers?.has(name) === true ? headers.get(name) : undefined),
    ack: () => tell(() => message.ack()),
    retry: (delayMs) => tell(() => message.nak(delayMs)),
    giveUp: () => tell(() => message.term()),
    working: () => tell(() => message.working()),
  };
}

/** Tells the broker something. When it doesn't hear us it gives the message again, which is right. */
function tell(say: () => void): void {
  try {
    say();
  } catch {
    // the connection was closed
  }
}
