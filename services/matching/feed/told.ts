import { type DescMessage, type MessageShape, toJson } from "@bufbuild/protobuf";

/**
 * Something that is told to many: as a message of the contract, and as the text that WebSockets
 * carry. Each is made when it is first asked for, and then shared.
 */
export type Told<M> = { readonly message: M; readonly text: Buffer };

/** What the text of a message begins with. */
export type Topic = { readonly channel: string; readonly market?: string };

/** Makes a message that is told to many. */
export function told<S extends DescMessage>(
  schema: S,
  topic: Topic,
  make: () => MessageShape<S>,
): Told<MessageShape<S>> {
  let message: MessageShape<S> | undefined;
  let text: Buffer | undefined;
  return {
    get message() {
      return (message ??= make());
    },
    get text() {
      return (text ??= textOf(topic, toJson(schema, this.message)));
    },
  };
}

/** A text for WebSockets: a topic, and what is told of it. */
export function textOf(topic: Topic, body: unknown): Buffer {
  return Buffer.from(JSON.stringify({ ...topic, ...(body as object) }));
}
