import type { BootOptions } from "./boot.ts";
import { homeFolder } from "./dev-file.ts";
import { parseOffset } from "./ports.ts";
import { services } from "./services.ts";

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
    settings: Object.fromEntries(
      services
        .flatMap(({ settings }) => settings)
        .map((name) => [name, environment[name] ?? ""])
        .filter(([, text]) => text !== ""),
    ) as Readonly<Record<string, string>>,
    env: logLevel === undefined ? {} : { LOG_LEVEL: logLevel },
  };
}
