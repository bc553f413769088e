import type { Sms } from "../context.ts";
import { fail } from "../errors.ts";
import { findMessage } from "../store/find-messages.ts";
import { type MessageView, withTexts } from "./messages.ts";

/** Shows a message to the account that it belongs to. Throws MESSAGE_NOT_FOUND to all others. */
export async function getMessage(
  sms: Pick<Sms, "db">,
  accountId: string,
  messageId: string,
): Promise<MessageView> {
  const message = await findMessage(sms.db, accountId, messageId);
  if (message === undefined) throw fail("MESSAGE_NOT_FOUND", { message_id: messageId });
  const [view] = await withTexts(sms, [message]);
  return view!;
}
