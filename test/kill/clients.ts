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
  /** Somebody who sends texts, logged in when need be. */
  customer(who: Customer): Promise<Outside>;
  /** What core does with the ledger. */
  readonly ledger: Client<typeof LedgerService>;
  /** What sms does with holds. */
  readonly holds: Client<typeof HoldService>;
};

/** How a customer logs in. */
export type Customer = { readonly username: string; readonly password: string };

/** Connects to a stack as all of them. */
export function clientsOf(dev: DevFile): Clients {
  using cleanup = new DisposableStack();
  const core = cleanup.use(inside(dev, "core"));
  const sms = cleanup.use(inside(dev, "sms"));
  const anyone = outside(dev.origin);
  const logIn = async ({ username, password }: Customer) => {
    const { accessToken, expiresIn } = await anyone.users.login({ username, password });
    const untilMs = performance.now() + expiresIn * 500;
    return { calls: outside(dev.origin, accessToken), untilMs };
  };
  const sessions = new Map<string, ReturnType<typeof logIn>>(); // all who wait share one log-in
  const signedIn = async (who: Customer) => {
    const session = sessions.get(who.username) ?? logIn(who);
    sessions.set(who.username, session);
    try {
      const { calls, untilMs } = await session;
      if (performance.now() > untilMs) sessions.delete(who.username);
      return calls;
    } catch (error) {
      sessions.delete(who.username);
      throw error;
    }
  };
  const kept = cleanup.move();
  return {
    anyone,
    admin: () => signedIn(dev.admin),
    customer: signedIn,
    ledger: core.of(LedgerService),
    holds: sms.of(HoldService),
    [Symbol.dispose]: () => kept.dispose(),
  };
}
