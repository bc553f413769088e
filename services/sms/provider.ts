import type { Values } from "#mesh/settings.ts";
import type { commonSettings } from "./config.ts";
import { magfa } from "./providers/magfa.ts";
import type { SmsProvider } from "./providers/provider.ts";

/** Who sends, as the settings say. */
export function providerOf(config: Values<typeof commonSettings>): SmsProvider {
  return magfa({
    baseUrl: config.magfaUrl,
    username: config.magfaUsername,
    domain: config.magfaDomain,
    password: config.magfaPassword(),
    hookSecret: config.magfaHookSecret(),
    timeoutMs: config.magfaTimeoutMs,
  });
}
