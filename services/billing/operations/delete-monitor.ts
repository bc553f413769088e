import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { Billing } from "../context.ts";
import { once } from "../writer/once.ts";
import type { Answer } from "./move-by-hand.ts";

/** Ends a monitor, which tells nothing any more; one that is not there is no failure. */
export async function deleteMonitor<S extends DescMessage>(
  { writer }: Pick<Billing, "writer">,
  id: string,
  { call, schema, toMessage, ...bounds }: Answer<S, undefined>,
): Promise<MessageShape<S>> {
  const kept = once(schema, call, ({ monitors }) => {
    monitors.unwatch(id);
    return toMessage(undefined);
  });
  return writer.submit({ ...bounds, eventCount: 1, ...kept });
}
