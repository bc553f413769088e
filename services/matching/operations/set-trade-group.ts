import {
  type SetTradeGroupRequest,
  SetTradeGroupResponseSchema,
} from "#gen/mizan/matching/v1/market_admin_service_pb.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import { hexOf } from "#mesh/ids.ts";
import type { Call, Matching } from "../context.ts";
import { fail } from "../errors.ts";
import type { Bounds } from "../writer/submission.ts";
import type { OrderMeans } from "./order-means.ts";

/**
 * Puts users into the group of another one, or each into a group of its own, once per key (section
 * 4). Throws USER_NOT_FOUND for those that have never placed an order.
 */
export async function setTradeGroup(
  { writer, replies }: Pick<Matching, "writer"> & Pick<OrderMeans, "replies">,
  { userIds, groupUserId }: SetTradeGroupRequest,
  { values }: Pick<Call, "values">,
  bounds: Bounds,
): Promise<void> {
  const accountOf = (userId: string) => {
    const account = writer.engine.accountOf(hexOf(userId));
    if (account === undefined) throw fail("USER_NOT_FOUND", { user_id: userId });
    return account;
  };
  await replies.once(values.get(callKey), SetTradeGroupResponseSchema, async () => {
    const joined = groupUserId === "" ? undefined : accountOf(groupUserId);
    const group = joined === undefined ? undefined : writer.engine.account(joined)!.group;
    const commands = userIds.map((userId) => {
      const account = accountOf(userId);
      const owner = hexOf(userId);
      return { command: { kind: "ACCOUNT" as const, account, owner, group: group ?? account } };
    });
    await writer.submit(commands, bounds);
    return {};
  });
}
