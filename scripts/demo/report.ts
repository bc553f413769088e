import {
  ChargeStateSchema,
  type Message,
  MessageStateSchema,
} from "#gen/mizan/sms/v1/message_pb.ts";
import { table } from "../platform/table.ts";
import { withCommas } from "./amounts.ts";
import type { Actor, Stage, Step } from "./stage.ts";

/** What became of every message, by the contract and by the path of existing clients. */
export const report: Step = {
  title: "Ada reads what became of her messages, newest first, and counts them by /sms/v1/report",
  async act(stage) {
    const rows = (await messagesOf(stage.ada)).map((message) => [
      message.receiver,
      message.isExpress ? "express" : "usual",
      MessageStateSchema.value[message.state]?.localName ?? "",
      withCommas(message.price?.amount ?? ""),
      ChargeStateSchema.value[message.chargeState]?.localName ?? "",
      String(message.attempts),
    ]);
    const shown = table(["receiver", "lane", "state", "price", "money", "attempts"], rows);
    const counts = ["delivered", "failed"].map(async (status) => {
      const { count, results } = await readReport(stage, stage.ada, `?status=${status}`);
      return `${status}: ${count}, the newest to ${results[0]?.receiver} for ${results[0]?.cost}`;
    });
    return [...shown.split("\n"), ...(await Promise.all(counts))];
  },
};

/** Every message of somebody, newest first; page by page. */
export async function messagesOf({ calls }: Actor): Promise<Message[]> {
  const messages: Message[] = [];
  for (let pageToken = ""; ;) {
    const page = await calls.messages.listMessages({ pageToken });
    messages.push(...page.messages);
    pageToken = page.nextPageToken;
    if (pageToken === "") return messages;
  }
}

type Report = {
  readonly count: number;
  readonly results: readonly { readonly receiver: string; readonly cost: number }[];
};

async function readReport(
  { origin }: Stage,
  { accessToken }: Actor,
  query: string,
): Promise<Report> {
  const headers = { authorization: `Bearer ${accessToken}` };
  const answer = await fetch(`${origin}/sms/v1/report${query}`, { headers });
  if (answer.ok) return (await answer.json()) as Report;
  throw new Error(`The report was refused with ${answer.status}: ${await answer.text()}`);
}
