import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { BROKER_TIMEOUT_MS } from "../limits.ts";
import { type BrokerOptions, holdConnection } from "./broker-connection.ts";
import { createPublisher, type Outgoing, type Published } from "./bus-publish.ts";
import { type Delivery, type Durable, type Pull, pull } from "./bus-pull.ts";
import { ensureStream, lastOf, messageAt, type Stored } from "./bus-streams.ts";
import type { StreamSpec, StreamState } from "./bus-streams.ts";

/** The broker. All code of its client is behind this (N18); nothing but the relay publishes (O1). */
export type Bus = AsyncDisposable & {
  readonly connected: boolean;
  /** Publishes one message; many may be under way, they arrive in the order of the calls. */
  publish(message: Outgoing): Promise<Published>;
  /** Makes a stream unless it is there (N14); its owner also brings its bounds up to date. */
  ensureStream(stream: StreamSpec, owner?: boolean): Promise<StreamState>;
  /** The last message of a subject. */
  lastOf(stream: string, subject: string): Promise<Stored | undefined>;
  /** The message with a number of the stream. */
  messageAt(stream: string, streamSeq: number): Promise<Stored | undefined>;
  /** Takes what a durable consumer is given, until the pull is disposed of or ends by itself. */
  pull(durable: Durable, take: (delivery: Delivery) => void): Promise<Pull>;
  /** Calls the listener at each connection to the broker from now on. */
  onConnect(listener: () => void): Disposable;
};

/**
 * Connects to the broker and stays connected for good (N12). A broker that is away is waited for a
 * moment only: the bus tries on, and whatever needs the broker throws until it is there.
 */
export async function connectBus(options: BrokerOptions): Promise<Bus> {
  const broker = await holdConnection(options);
  const publisher = createPublisher();
  const watch = broker.onLost(publisher.fail);
  const js = () => jetstream(broker.connection(), limits);
  const jsm = () => jetstreamManager(broker.connection(), { ...limits, checkAPI: false });
  return {
    get connected() {
      return broker.connected;
    },
    publish: async (message) => publisher.publish(js(), message),
    ensureStream: async (spec, owner = false) => ensureStream(await jsm(), spec, owner),
    lastOf: async (stream, subject) => lastOf(await jsm(), stream, subject),
    messageAt: async (stream, streamSeq) => messageAt(await jsm(), stream, streamSeq),
    pull: async (durable, take) => pull(await jsm(), durable, take),
    onConnect: (listener) => broker.onConnect(listener),
    [Symbol.asyncDispose]: async () => {
      watch[Symbol.dispose]();
      await broker[Symbol.asyncDispose]();
    },
  };
}

const limits = { timeout: BROKER_TIMEOUT_MS };
