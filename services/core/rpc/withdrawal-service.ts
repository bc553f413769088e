import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { Withdrawal_State } from "#gen/mizan/core/v1/withdrawal_pb.ts";
import type {
  ListAllWithdrawalsRequest,
  ListWithdrawalsRequest,
  WithdrawalService,
} from "#gen/mizan/core/v1/withdrawal_service_pb.ts";
import { personOf } from "#mesh/access.ts";
import { deadlineKey } from "#mesh/deadline.ts";
import { ruleOf } from "#mesh/rule.ts";
import type { WithdrawalState } from "../domain/withdrawal.ts";
import { createWithdrawal } from "../operations/create-withdrawal.ts";
import { getWithdrawal } from "../operations/get-withdrawal.ts";
import { listWithdrawals } from "../operations/list-withdrawals.ts";
import { createWithdrawalWatch } from "../operations/watch-withdrawal.ts";
import type { Accept } from "../saga/accept.ts";
import type { Saga } from "../saga/advance.ts";
import { toMessage } from "../saga/answer.ts";

/** Pays merchants against their credit. */
export const withdrawalService = (
  saga: Saga,
  accept: Accept,
): ServiceImpl<typeof WithdrawalService> => {
  const watch = createWithdrawalWatch(saga);
  const list = async (
    merchantId: string | undefined,
    request: ListWithdrawalsRequest | ListAllWithdrawalsRequest,
  ) => {
    const { withdrawals, nextPageToken } = await listWithdrawals(
      saga,
      { merchantId, ...searchOf(request) },
      request,
    );
    return { withdrawals: withdrawals.map(toMessage), nextPageToken };
  };
  return {
    createWithdrawal: async ({ amount }, call) => createWithdrawal(accept, amount!, call),
    getWithdrawal: async ({ withdrawalId }, { values }) => ({
      withdrawal: toMessage(await getWithdrawal(saga, personOf(values).id, withdrawalId)),
    }),
    listWithdrawals: async (request, { values }) => list(personOf(values).id, request),
    listAllWithdrawals: async (request) => list(request.merchantId || undefined, request),
    watchWithdrawal: async function* watchOne({ withdrawalId: id }, context) {
      const { values, signal } = context;
      const merchantId = personOf(values).id;
      const watched = watch({ merchantId, id, signal, endMs: endOf(context) });
      for await (const withdrawal of watched) yield { withdrawal: toMessage(withdrawal) };
    },
  };
};

/** When a stream ends at the latest: at the caller's deadline, or the longest of the method. */
function endOf({ method, values }: HandlerContext): number {
  const longestMs = ruleOf(method)?.maxTimeoutMs ?? 0;
  return Math.min(values.get(deadlineKey) ?? Infinity, Date.now() + longestMs);
}

function searchOf({
  state,
  startTime,
  endTime,
}: ListWithdrawalsRequest | ListAllWithdrawalsRequest) {
  return {
    state: states.get(state),
    startMs: toMs(startTime),
    endMs: toMs(endTime),
  };
}

/** In milliseconds; the parts of one round up, since no id tells them. */
function toMs(time: Timestamp | undefined): number | undefined {
  return time && timestampMs({ ...time, nanos: Math.ceil(time.nanos / 1e6) * 1e6 });
}

/** The states by their numbers; 0 is none. */
const states: ReadonlyMap<number, WithdrawalState> = new Map(
  Object.entries(Withdrawal_State)
    .filter(([, number]) => number !== 0)
    .map(([name, number]) => [number, name as WithdrawalState]),
);
