import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import type { Health } from "#gen/grpc/health/v1/health_pb.ts";
import { HealthCheckResponse_ServingStatus as Status } from "#gen/grpc/health/v1/health_pb.ts";

/** What a server tells about its health, by the protocol of gRPC. */
export type HealthState = {
  readonly implementation: ServiceImpl<typeof Health>;
  /** Says whether the server takes calls; everyone who watches hears it. */
  readonly set: (isServing: boolean) => void;
  /** Says NOT_SERVING for the last time, and ends all watches. */
  readonly end: () => void;
};

/** Makes the health of a server that serves the named services; it does not serve yet. */
export function createHealth(names: Iterable<string>): HealthState {
  const known = new Set(["", ...names]); // the empty name stands for the whole server
  let status: Status = Status.NOT_SERVING;
  let isOver = false;
  let changed = Promise.withResolvers<void>();
  const tell = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  const set = (isServing: boolean) => {
    if (isOver) return;
    status = isServing ? Status.SERVING : Status.NOT_SERVING;
    tell();
  };
  return {
    set,
    end: () => {
      set(false);
      isOver = true;
      tell();
    },
    implementation: {
      check: ({ service }) => {
        if (!known.has(service)) throw new ConnectError(`no ${service}`, Code.NotFound);
        return { status };
      },
      async *watch({ service }, { signal }) {
        const stopped = new Promise<void>((resolve) => {
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
        while (!signal.aborted) {
          const change = changed.promise;
          yield { status: known.has(service) ? status : Status.SERVICE_UNKNOWN };
          if (isOver) return;
          await Promise.race([change, stopped]);
        }
      },
    },
  };
}
