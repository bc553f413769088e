import type { Received, ReceivedQuery } from "../../../simulators/magfa/received.ts";
import type { Change } from "../../../simulators/magfa/settings.ts";
import { startSimulators } from "../../../simulators/simulators.ts";
import { magfa } from "../providers/magfa.ts";
import type { SmsProvider } from "../providers/provider.ts";

/** A simulated Magfa on a free port, and our adapter for it. */
export type TestMagfa = AsyncDisposable & {
  readonly provider: SmsProvider;
  /** Changes how it behaves, such as `{ script: { fault: "lost" } }`. */
  readonly control: (change: Change) => void;
  /** Forgets the script. */
  readonly reset: () => void;
  /** What it truly received. */
  readonly received: (query?: ReceivedQuery) => Received;
  /** Where all simulators are, such as http://127.0.0.1:4711. */
  readonly url: string;
  readonly baseUrl: string;
  readonly hookSecret: string;
};

/** Starts a simulated Magfa. It pushes receipts only once `control` has named a hook. */
export async function testMagfa(
  options: { readonly timeoutMs?: number; readonly hookUrl?: string } = {},
): Promise<TestMagfa> {
  const account = { username: "user", domain: "domain", password: "password" };
  const hookSecret = "a secret for the hook of a test";
  const { hookUrl, timeoutMs = 2000 } = options;
  const hook = hookUrl === undefined ? undefined : { url: hookUrl, secret: hookSecret };
  const simulators = await startSimulators({
    host: "127.0.0.1",
    port: 0,
    magfa: { account, hook },
  });
  const url = `http://127.0.0.1:${simulators.port}`;
  const baseUrl = `${url}/magfa/api/http/sms/v2`;
  return {
    provider: magfa({ baseUrl, ...account, hookSecret, timeoutMs }),
    control: simulators.magfa.change,
    reset: simulators.magfa.reset,
    received: simulators.magfa.received,
    url,
    baseUrl,
    hookSecret,
    [Symbol.asyncDispose]: () => simulators[Symbol.asyncDispose](),
  };
}
