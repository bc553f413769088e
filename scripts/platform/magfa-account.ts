import { join } from "node:path";
import { ensureSecret } from "./ensure-secret.ts";
import type { Layout } from "./layout.ts";

/** Our account at the simulated Magfa, as each side is told of it. */
export type MagfaAccount = ReturnType<typeof ensureMagfaAccount>;

/**
 * The account of a stack at its simulated Magfa; a new home gets random secrets in files that only
 * their owner reads.
 */
export function ensureMagfaAccount({ simulated, simulators, origin }: Layout) {
  const names = { MAGFA_USERNAME: "mizan", MAGFA_DOMAIN: "mizan" };
  const password = ensureSecret(join(simulated, "magfa-password"));
  const hookSecret = ensureSecret(join(simulated, "magfa-hook-secret"));
  return {
    /** What the processes of sms are told. */
    customer: {
      ...names,
      MAGFA_URL: `${simulators["magfa"]}/api/http/sms/v2`,
      MAGFA_PASSWORD_FILE: password.file,
      MAGFA_HOOK_SECRET_FILE: hookSecret.file,
    },
    /** What the simulator is told. */
    provider: {
      ...names,
      MAGFA_PASSWORD: password.text,
      MAGFA_HOOK_URL: `${origin}/hooks/sms/magfa`,
      MAGFA_HOOK_SECRET: hookSecret.text,
      SIMULATOR_STORE: join(simulated, "magfa.log"),
    },
  };
}
