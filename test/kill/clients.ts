import type { Client } from "@connectrpc/connect";
import { HoldService } from "#gen/mizan/billing/v1/hold_service_pb.ts";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import type { DevFile } from "../../scripts/platform/dev-file.ts";
import { inside } from "../../scripts/platform/inside.ts";
import { type Outside, outside } from "../../scripts/platform/outside.ts";

/** Everyone who calls the stack under load. */
export type Clients = Disposable & {
  /** Somebody who has not logged in. */
  readonly anyone: Outside;
  /** The administrator, logged in when need be. */
  admin(): Promise<Outside>;
  /** What core does with the ledger. */
  readonly ledger: Client<typeof LedgerService>;
  /** What sms does with holds. */
  readonly holds: Client<typeof HoldService>;
};

/** Connects to a stack as all of them. */
export function clientsOf(dev: DevFile): Clients {
  using cleanup = new DisposableStack();
  const core = cleanup.use(inside(dev, "core"));
  const sms = cleanup.use(inside(dev, "sms"));
  const anyone = outside(dev.origin);
  const logIn = async () => {
    const { accessToken, expiresIn } = await anyone.users.login(dev.admin);
    const untilMs = performance.now() + expiresIn * 500;
    return { calls: outside(dev.origin, accessToken), untilMs };
  };
  let known: ReturnType<typeof logIn> | undefined; // all who wait share one log-in
  const kept = cleanup.move();
  return {
    anyone,
    async admin() {
      try {
        const { calls, untilMs } = await (known ??= logIn());
        if (performance.now() > untilMs) known = undefined;
        return calls;
      } catch (error) {
        known = undefined;
        throw error;
      }
    },
    ledger: core.of(LedgerService),
    holds: sms.of(HoldService),
    [Symbol.dispose]: () => kept.dispose(),
  };
}
