import { ConnectError } from "@connectrpc/connect";
import type { SocketClient } from "#mesh/edge/socket-client.ts";
import type { SocketListener } from "#mesh/edge/sockets.ts";
import { reasonOf } from "#mesh/errors.ts";
import { MAX_SUBSCRIPTIONS } from "#mesh/limits.ts";
import type { Log } from "#mesh/log.ts";
import { networkOf } from "#mesh/network.ts";
import { fail } from "../errors.ts";
import type { Channels } from "./channels.ts";
import {
  aboutOf,
  readFields,
  readRequest,
  type SocketAbout,
  type SocketFields,
  type SocketTopic,
} from "./requests.ts";
import { createSignIn, type SignInMeans } from "./sign-in.ts";

/** What sessions of WebSocket clients work with. */
export type SessionMeans = SignInMeans & { readonly channels: Channels; readonly log: Log };

/**
 * Serves one client: what it asks for is done in the order in which it asks, and each thing that it
 * subscribes to is a stream of its own. A client that falls behind is closed, and has to begin anew.
 */
export function openSession(means: SessionMeans, client: SocketClient): SocketListener {
  const open = new Map<string, AbortController>();
  let isGone = false;
  const { tell, refuse } = createTeller(means, client);
  const endOwn = (reason: unknown) => {
    for (const [key, stop] of open) {
      if (!isOwn(key)) continue;
      open.delete(key);
      stop.abort();
      refuse(reason, topicOf(key));
    }
  };
  const signIn = createSignIn(means, endOwn);
  const subscribe = (topic: SocketTopic, about: SocketAbout) => {
    const { channel } = topic;
    const key = keyOf(topic);
    if (open.has(key)) throw fail("SUBSCRIBED_ALREADY", { channel });
    if (open.size >= MAX_SUBSCRIPTIONS) throw fail("TOO_MANY_SUBSCRIPTIONS", { most: open.size });
    const stop = new AbortController();
    const { signal } = stop;
    const watch = { who: networkOf(client.ip), signal, endMs: Infinity };
    const texts = means.channels(topic, signIn.person(), watch);
    open.set(key, stop);
    tell({ op: "subscribed", ...about });
    void pass(texts, client, signal).catch((reason: unknown) => {
      if (signal.aborted) return;
      open.delete(key);
      refuse(reason, topicOf(key));
    });
  };
  const unsubscribe = (topic: SocketTopic, about: SocketAbout) => {
    const key = keyOf(topic);
    open.get(key)?.abort();
    open.delete(key);
    tell({ op: "unsubscribed", ...about });
  };
  const answer = async (fields: SocketFields, about: SocketAbout) => {
    const request = readRequest(fields);
    if (request.op === "ping") tell({ op: "pong", ...about });
    else if (request.op === "auth") {
      const { id: userId } = await signIn.take(request.token);
      tell({ op: "authenticated", ...about, userId });
    } else if (request.op === "subscribe") subscribe(request.topic, about);
    else unsubscribe(request.topic, about);
  };
  const answerAfter = async (before: Promise<void>, text: string) => {
    await before;
    if (isGone) return;
    let about: SocketAbout = {};
    try {
      const fields = readFields(text);
      about = aboutOf(fields);
      await answer(fields, about);
    } catch (reason) {
      refuse(reason, about);
    }
  };
  let last = Promise.resolve();
  return {
    message: (text) => {
      last = answerAfter(last, text);
    },
    closed: () => {
      isGone = true;
      signIn.end();
      for (const stop of open.values()) stop.abort();
    },
  };
}

/** Makes what tells a client something, or that and why something is not so. */
function createTeller({ log }: Pick<SessionMeans, "log">, client: SocketClient) {
  const tell = (body: object) => client.send(Buffer.from(JSON.stringify(body)));
  const refuse = (reason: unknown, about: SocketAbout) => {
    const told = reasonOf(reason) ?? "INTERNAL";
    const message = told === "INTERNAL" ? "internal error" : ConnectError.from(reason).rawMessage;
    if (told === "INTERNAL") log.error({ err: reason }, "a request of a WebSocket failed");
    tell({ ...about, error: { reason: told, message } });
    if (told === "READER_TOO_SLOW") client.close(TRY_AGAIN_LATER, told);
  };
  return { tell, refuse };
}

/** Passes texts on as the client takes them. */
async function pass(
  texts: AsyncIterable<{ readonly text: Buffer }>,
  client: SocketClient,
  signal: AbortSignal,
): Promise<void> {
  for await (const { text } of texts) {
    await client.ready(signal);
    client.send(text);
  }
}

const keyOf = ({ channel, market }: SocketTopic) => `${channel} ${market}`;

function topicOf(key: string): SocketAbout {
  const [channel = "", market = ""] = key.split(" ");
  return { channel, ...(market !== "" && { market }) };
}

/** Whether a channel tells somebody of what is that person's own. */
function isOwn(key: string): boolean {
  return key.startsWith("orders ") || key.startsWith("notifications ");
}

/** The code for a client that has to connect again (RFC 6455, as registered). */
const TRY_AGAIN_LATER = 1013;
