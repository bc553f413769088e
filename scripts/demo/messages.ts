import { ConnectError } from "@connectrpc/connect";
import { EncodingSchema, FailureReasonSchema, MessageState } from "#gen/mizan/sms/v1/message_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { textOf } from "./amounts.ts";
import { followed, wayOf } from "./follow.ts";
import { type Actor, balanceOf, type Stage, type Step } from "./stage.ts";

/** The characters of a text decide how it is coded, and what it costs. */
export const estimate: Step = {
  title: "Ada asks what texts would be on the air, and cost",
  async act({ ada }) {
    const texts = [
      { content: persian, isExpress: true },
      { content: english },
      { content: persian.repeat(3) },
    ];
    const told = texts.map(async (text) => {
      const { estimate: found } = await ada.calls.messages.estimateMessage(text);
      const { encoding = 0, segments, units, price } = found ?? {};
      const coded = `${EncodingSchema.value[encoding]?.localName}, ${units} units, ${segments} to pay for`;
      return `"${shortened(text.content)}": ${coded}, ${textOf(price)}`;
    });
    return Promise.all(told);
  },
};

/** Two texts take the two lanes and arrive. */
export const sendBoth: Step = {
  title: "Ada sends a Persian text by the express lane, and an English one by the usual lane",
  async act(stage) {
    const [first, second] = [receiverOf(stage, 1), receiverOf(stage, 2)];
    const texts = [
      { receiver: first, content: persian, isExpress: true },
      { receiver: second, content: english },
    ];
    const ids: string[] = [];
    const ways = await followed(stage.ada, async () => {
      for (const text of texts) ids.push(await sendText(stage, stage.ada, text));
      return ids;
    });
    return ids.map((id, index) => `to ${texts[index]!.receiver}: ${wayOf(ways.get(id))}`);
  },
};

/** Of a batch the good texts go, and the others come back with their reasons. */
export const sendBatch: Step = {
  title: "Ada sends four texts at once; one of the numbers is wrong",
  async act(stage) {
    const receivers = [3, 4, 5].map((n) => receiverOf(stage, n));
    const wanted = [receivers[0]!, receivers[1]!, "12345", receivers[2]!];
    const told: string[] = [];
    const ways = await followed(stage.ada, async () => {
      const { results, accepted, price } = await stage.ada.calls.messages.sendMessages({
        requestId: `batch-${stage.run}`,
        defaults: { content: english, clientReference: "demo batch" },
        messages: wanted.map((receiver) => ({ receiver })),
      });
      told.push(`${accepted} were taken for ${textOf(price)}`);
      for (const { index, error } of results) {
        if (error !== undefined) told.push(`to ${wanted[index]}: refused with ${error.reason}`);
      }
      return results.map(({ messageId }) => messageId).filter((id) => id !== "");
    });
    return [...told, ...[...ways.values()].map((way) => `one of them: ${wayOf(way)}`)];
  },
};

/** Who can't pay sends nothing. */
export const refusedForFunds: Step = {
  title: "Bob sends an express text that costs more than he has",
  async act(stage) {
    const text = { receiver: receiverOf(stage, 6), content: persian, isExpress: true };
    const error = await sendText(stage, stage.bob, text).then(
      () => new Error("it was taken"),
      (thrown: unknown) => ConnectError.from(thrown),
    );
    if (!(error instanceof ConnectError) || reasonOf(error) !== "INSUFFICIENT_FUNDS") {
      throw new Error(`Bob's text had to be refused for its price: ${error.message}`);
    }
    const { messages } = await stage.bob.calls.messages.listMessages({});
    return [
      `refused with ${reasonOf(error)}: ${error.rawMessage}`,
      `he has ${messages.length} messages`,
    ];
  },
};

/** A text that was sent and paid, and then did not reach the operator, is paid back. */
export const refund: Step = {
  title: "A text of Ada was sent, but does not reach the operator: its price comes back",
  async act(stage) {
    const receiver = receiverOf(stage, 7);
    const rule = { recipient: receiver, receiptStatus: NOT_REACHED };
    const [id, way] = await sendScripted(stage, { receiver, rule });
    const { message } = await stage.ada.calls.messages.getMessage({ messageId: id });
    if (message?.state !== MessageState.FAILED) throw new Error(`It had to fail: ${wayOf(way)}`);
    const why = FailureReasonSchema.value[message.failure]?.localName;
    return [
      `to ${receiver}: ${wayOf(way)}, because of ${why}`,
      `${textOf(message.price)} were taken, ${textOf(message.refunded)} were given back`,
      `Ada has ${textOf((await balanceOf(stage.ada)).available)} again`,
    ];
  },
};

/** A lost answer is no failure: the provider is asked, and nothing is sent twice. */
export const askAgain: Step = {
  title: "The provider takes a text of Ada, and its answer is lost on the way",
  async act(stage) {
    const receiver = receiverOf(stage, 8);
    const rule = { recipient: receiver, fault: "lost", calls: 1 } as const;
    const [, way] = await sendScripted(stage, { receiver, rule });
    const { UNCERTAIN, DELIVERED } = MessageState;
    if (!way.includes(UNCERTAIN) || way.at(-1) !== DELIVERED) {
      throw new Error(`It had to be doubtful and then delivered: ${wayOf(way)}`);
    }
    const { texts } = await stage.magfa.received({ recipient: receiver });
    if (texts.length !== 1) throw new Error(`The provider received it ${texts.length} times.`);
    return [`to ${receiver}: ${wayOf(way)}`, "the provider received it once, as it says itself"];
  },
};

type Rule = {
  readonly recipient: string;
  readonly receiptStatus?: number;
  readonly fault?: "lost";
};

/** Sends a text while the provider follows a rule for its receiver, and follows it to its end. */
async function sendScripted(
  stage: Stage,
  { receiver, rule }: { readonly receiver: string; readonly rule: Rule },
): Promise<[id: string, way: readonly MessageState[]]> {
  await stage.magfa.change({ rules: [rule] });
  try {
    const text = { receiver, content: english, isExpress: true };
    const ways = await followed(stage.ada, async () => [await sendText(stage, stage.ada, text)]);
    return [...ways][0]!;
  } finally {
    await stage.magfa.reset();
  }
}

type Text = { readonly receiver: string; readonly content: string; readonly isExpress?: boolean };

async function sendText({ run }: Stage, { name, calls }: Actor, text: Text): Promise<string> {
  const requestId = `text-${name}-${text.receiver}-${run}`;
  const request = { requestId, ...text, clientReference: "demo" };
  const { message } = await calls.messages.sendMessage(request);
  if (message === undefined) throw new Error("SendMessage answered without a message.");
  return message.id;
}

/** A number that no other run of the demo sends to. */
function receiverOf({ run }: Stage, n: number): string {
  return `+98912${String((Number.parseInt(run, 36) * 10 + n) % 10 ** 7).padStart(7, "0")}`;
}

function shortened(text: string): string {
  return text.length > 30 ? `${text.slice(0, 29)}…` : text;
}

const persian = "سلام آدا، کد ورود شما ۴۸۲۱ است. ";
const english = "Hello from Mizan: your parcel arrives today.";

/** Magfa's code of a receipt: the text did not reach the operator. */
const NOT_REACHED = 16;
