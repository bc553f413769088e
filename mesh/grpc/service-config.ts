import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Level } from "@bufbuild/protobuf/wkt";
import { experimental } from "@grpc/grpc-js";
import { MAX_CALL_ATTEMPTS, MAX_DEADLINE_MS } from "../limits.ts";
import { ruleOf } from "../rule.ts";

/** How a channel balances and retries, in the words of gRPC; every client language reads them. */
export type ServiceConfig = {
  readonly loadBalancingConfig: readonly object[];
  readonly methodConfig: readonly MethodConfig[];
  readonly retryThrottling: { readonly maxTokens: number; readonly tokenRatio: number };
};

/** The policy of one method. A call that may not be repeated has no retry policy (G10). */
type MethodConfig = {
  readonly name: readonly [{ readonly service: string; readonly method: string }];
  readonly waitForReady: boolean;
  readonly timeout: Duration;
  readonly retryPolicy?: RetryPolicy;
};

/** A duration in the only form that grpc-js reads right everywhere but in retry policies (G2). */
type Duration = { readonly seconds: number; readonly nanos: number };

type RetryPolicy = {
  readonly maxAttempts: number;
  readonly initialBackoff: string;
  readonly maxBackoff: string;
  readonly backoffMultiplier: number;
  readonly retryableStatusCodes: readonly string[];
};

/** Derives the policy of a channel from the contract (RULES 4.1, G3, G9, G10). */
export function serviceConfig(services: Iterable<DescService>): ServiceConfig {
  return {
    loadBalancingConfig: [
      {
        outlier_detection: {
          interval: toDuration(5000),
          base_ejection_time: toDuration(15_000),
          max_ejection_percent: 50,
          failure_percentage_ejection: {
            threshold: 50,
            enforcement_percentage: 100,
            minimum_hosts: 2,
            request_volume: 20,
          },
          child_policy: [{ round_robin: {} }],
        },
      },
    ],
    methodConfig: [...services].flatMap(({ methods }) => methods.map(methodConfig)),
    retryThrottling: { maxTokens: 10, tokenRatio: 0.1 },
  };
}

/** Throws unless grpc-js reads a policy as it is meant; it drops what it can't read (G2, M10). */
export function checkServiceConfig({
  loadBalancingConfig,
  methodConfig: all,
}: ServiceConfig): void {
  const parsed = experimental.selectLbConfigFromList([...loadBalancingConfig] as never, true);
  const name = parsed?.getLoadBalancerName();
  const shown = (parsed?.toJsonObject() ?? {}) as {
    outlier_detection?: { child_policy?: readonly object[] };
  };
  const child = Object.keys(shown.outlier_detection?.child_policy?.[0] ?? {})[0];
  if (name !== "outlier_detection" || child !== "round_robin") {
    throw new Error(`G2 the channel would balance by ${name} and ${child}`);
  }
  for (const { name: names, timeout, retryPolicy } of all) {
    const method = JSON.stringify(names);
    const whole = Number.isInteger(timeout.seconds) && Number.isInteger(timeout.nanos);
    if (!whole) throw new Error(`G2 the timeout of ${method} would be misread`);
    const backoffs = [retryPolicy?.initialBackoff ?? "1s", retryPolicy?.maxBackoff ?? "1s"];
    const readable = backoffs.every((text) => /^\d+(\.\d+)?s$/.test(text));
    if (!readable) throw new Error(`G2 the backoff of ${method} would be misread`);
  }
}

function methodConfig(method: DescMethod): MethodConfig {
  const isSafe =
    method.idempotency === Level.NO_SIDE_EFFECTS || method.idempotency === Level.IDEMPOTENT;
  return {
    name: [{ service: method.parent.typeName, method: method.name }],
    waitForReady: true,
    timeout: toDuration(ruleOf(method)?.maxTimeoutMs ?? MAX_DEADLINE_MS),
    ...(isSafe && { retryPolicy }),
  };
}

const retryPolicy: RetryPolicy = {
  maxAttempts: MAX_CALL_ATTEMPTS,
  initialBackoff: "0.02s",
  maxBackoff: "0.5s",
  backoffMultiplier: 2,
  retryableStatusCodes: ["UNAVAILABLE"], // ER-3
};

function toDuration(ms: number): Duration {
  return { seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1_000_000 };
}
