import type { BootOptions } from "./boot.ts";
import { homeFolder } from "./dev-file.ts";
import { parseOffset } from "./ports.ts";

/** What the environment says about the stack to boot. Throws a sentence for what is wrong in it. */
export function optionsFrom(
  environment: Readonly<Record<string, string | undefined>>,
): Omit<BootOptions, "say" | "fresh" | "signal"> {
  const { DATABASE_URL: databaseUrl, NATS_URL: natsUrl, LOG_LEVEL: logLevel } = environment;
  return {
    home: homeFolder(),
    offset: parseOffset(environment["MIZAN_PORT_OFFSET"]),
    databaseUrl: databaseUrl === "" ? undefined : databaseUrl,
    natsUrl: natsUrl === "" ? undefined : natsUrl,
    fourEyes: environment["MIZAN_FOUR_EYES"] ?? "",
    env: logLevel === undefined ? {} : { LOG_LEVEL: logLevel },
  };
}
