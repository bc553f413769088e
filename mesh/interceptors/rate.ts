import type { Interceptor } from "@connectrpc/connect";
import { Audience, RateClass } from "#gen/mizan/access/v1/access_pb.ts";
import { callerKey, principalOf } from "../access.ts";
import { clientKey } from "../client.ts";
import type { Clock } from "../clock.ts";
import { retryLater } from "../errors.ts";
import { peerKey } from "../grpc/peer.ts";
import { CALL_RATES, MAX_RATED_CALLERS } from "../limits.ts";
import { networkOf } from "../network.ts";
import { type Rate, rateOf } from "../rate.ts";
import { fail } from "../reasons.ts";
import { ruleOf } from "../rule.ts";
import { type ClassName, classNames } from "./class-names.ts";
import type { AnyRequest } from "./when-over.ts";

/** How often one caller may call, by the class of the method. */
export type Rates = Readonly<Record<ClassName, Rate>>;

/**
 * Holds callers outside to a rate for each class of methods: people by who they are, and whoever
 * calls a public method by the address. Throws RATE_LIMITED with the time to wait (S17). Services
 * have no rate: people's calls are counted where they come in.
 */
export function limitRates(rates: Rates = CALL_RATES, clock?: Clock): Interceptor {
  const counters: ReadonlyMap<RateClass, (key: string) => number> = new Map(
    classNames.map(([kind, name]) => [kind, rateOf(rates[name], MAX_RATED_CALLERS, clock)]),
  );
  return (next) => async (request) => {
    if (request.contextValues.get(peerKey) === undefined) {
      const { rateClass = RateClass.BULK } = ruleOf(request.method) ?? {};
      const waitMs = counters.get(rateClass)?.(keyOf(request)) ?? 0;
      if (waitMs > 0) throw retryLater(fail("RATE_LIMITED", { retry_ms: waitMs }), waitMs);
    }
    return next(request);
  };
}

function keyOf({ contextValues, method }: AnyRequest): string {
  const caller = contextValues.get(callerKey);
  const isPublic = ruleOf(method)?.audience.has(Audience.PUBLIC) ?? true;
  if (caller !== undefined && !isPublic) return principalOf(caller);
  return networkOf(contextValues.get(clientKey)?.ip ?? "");
}
