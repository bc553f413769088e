import { type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type { Delivery } from "../events/bus-pull.ts";
import { streamOfEvent, subjectOf } from "../events/subject.ts";

/** A delivery of an event by nobody, and what was answered to it. */
export type TestDelivery = {
  readonly delivery: Delivery;
  readonly answers: ("ack" | "retry" | "giveUp")[];
};

/** Makes the first delivery of an event with an id. */
export function testDelivery<S extends DescMessage>(
  schema: S,
  message: MessageShape<S>,
  id: string,
): TestDelivery {
  const headers = new Map([
    ["Nats-Msg-Id", id],
    ["mizan-key", "k"],
    ["mizan-time", String(Date.now())],
  ]);
  const answers: TestDelivery["answers"] = [];
  const delivery: Delivery = {
    stream: streamOfEvent(schema),
    streamSeq: 1,
    subject: subjectOf(schema, "0"),
    payload: toBinary(schema, message),
    attempt: 1,
    waiting: 0,
    header: (name) => headers.get(name),
    ack: () => answers.push("ack"),
    retry: () => answers.push("retry"),
    giveUp: () => answers.push("giveUp"),
    working: () => {},
  };
  return { delivery, answers };
}
