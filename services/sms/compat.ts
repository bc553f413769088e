import { MessageService } from "#gen/mizan/sms/v1/message_service_pb.ts";
import { readOwnId } from "#mesh/compat/own-id.ts";
import { type CompatRow, compatRow } from "#mesh/compat/row.ts";
import { reportRows } from "./compat/report.ts";
import type { Sms } from "./context.ts";

/** The paths of the SMS system that this service replaces. */
export function compat(
  sms: Pick<Sms, "db" | "terms" | "currency">,
  { v1MaxCharacters }: { readonly v1MaxCharacters: number },
): readonly CompatRow[] {
  return [sendRow(v1MaxCharacters), ...reportRows(sms)];
}

/** A message is its own task here: clients ask for both by the id of the message. */
function sendRow(mostCharacters: number): CompatRow {
  return compatRow({
    path: "/sms/v1/send",
    verb: "POST",
    method: MessageService.method.sendMessage,
    toRequest: (fields, person) => {
      readOwnId(fields, "user_id", person);
      return {
        receiver: fields.text("receiver", { isRequired: true }),
        content: fields.text("content", { isRequired: true, mostCharacters }),
        isExpress: fields.flag("is_express"),
      };
    },
    answer: async ({ ask }) => {
      const { id } = (await ask()).message!;
      return { sms_id: id, task_id: id };
    },
    errors: {
      key: "error",
      fields: {
        INVALID_RECEIVER: "receiver",
        GEO_BLOCKED: "receiver",
        EMPTY_BODY: "content",
        INVALID_BODY: "content",
        TOO_MANY_SEGMENTS: "content",
      },
      texts: { INSUFFICIENT_FUNDS: "Insufficient funds" },
    },
  });
}
