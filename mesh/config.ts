import { levels } from "./log.ts";
import { DRAIN_WAIT_MS } from "./limits.ts";
import { secretUrl } from "./secrets.ts";
import * as kinds from "./setting-kinds.ts";
import {
  type Environment,
  readSettings,
  saferInProduction,
  type Setting,
  setting,
  type Values,
} from "./settings.ts";

/** What a service is told by its environment. */
export type Config = Values<typeof meshSettings>;

/** What every process of a service is told, whether it is called or not. */
export type ProcessConfig = Values<typeof processSettings>;

/** What the environment tells every process; docs/operations.md lists it. */
const processSettings = {
  profile: setting(
    ["MIZAN_PROFILE", "how strict the start is"],
    kinds.oneOf(["development", "production", "test"]),
    "development",
  ),
  certs: setting(["MIZAN_CERTS", "where the certificates and keys are"], kinds.folder),
  databaseUrl: saferInProduction(
    secretUrl(["DATABASE_URL", "the database"], ["postgres:", "postgresql:"]),
    isPrivate,
    "must have sslmode=verify-full, or be on this machine",
  ),
  natsUrl: secretUrl(["NATS_URL", "the broker of events"], ["nats:", "tls:"]),
  adminHost: setting(["ADMIN_HOST", "where health and metrics listen"], kinds.ip, "127.0.0.1"),
  adminPort: setting(["ADMIN_PORT", "the port of health and metrics"], kinds.port),
  logLevel: saferInProduction(
    setting(["LOG_LEVEL", "the least that is logged"], kinds.oneOf(levels), "info"),
    (level) => !["trace", "debug"].includes(level),
    "must be info or less talkative",
  ),
  parentPipe: setting(
    ["MIZAN_PARENT_PIPE", "whether the process ends with its standard input"],
    kinds.flag,
    false,
  ),
};

/** What the environment tells every service; docs/operations.md lists it. */
export const meshSettings = {
  ...processSettings,
  host: setting(["HOST", "where gRPC and HTTP listen"], kinds.ip, "127.0.0.1"),
  grpcPort: setting(["GRPC_PORT", "the port of gRPC"], kinds.port),
  httpPort: setting(["HTTP_PORT", "the port of HTTP"], kinds.port),
  peers: setting(["MIZAN_PEERS", "the gRPC addresses of the other services"], kinds.peers, {}),
  trustedProxies: saferInProduction(
    setting(
      ["MIZAN_TRUSTED_PROXIES", "whose X-Forwarded-For counts"],
      kinds.list(kinds.addressRange),
      ["127.0.0.0/8", "::1"],
    ),
    (ranges) => !ranges.some((range) => range.endsWith("/0")),
    "must not be everybody",
  ),
  allowedOrigins: saferInProduction(
    setting(
      ["MIZAN_ALLOWED_ORIGINS", "which other origins' pages may call"],
      kinds.list(kinds.origin),
      [],
    ),
    (origins) => origins.every((from) => from.startsWith("https:")),
    "must hold https origins only",
  ),
  drainWaitMs: setting(
    ["MIZAN_DRAIN_WAIT_MS", "how long balancers have to notice a stop"],
    kinds.integer(0, 60_000),
    DRAIN_WAIT_MS,
  ),
};

/** Reads the settings of the mesh and those of a service; the error names every mistake. */
export function readConfig<S extends Record<string, Setting<unknown>>>(
  environment: Environment,
  own: S = {} as S,
): Config & Values<S> {
  return readSettings(environment, { ...meshSettings, ...own });
}

/** Reads the settings of a process that nobody calls, and its own. */
export function readProcessConfig<S extends Record<string, Setting<unknown>>>(
  environment: Environment,
  own: S,
): ProcessConfig & Values<S> {
  return readSettings(environment, { ...processSettings, ...own });
}

/** Whether nobody on the way can read what goes to the database. */
function isPrivate(databaseUrl: string): boolean {
  const { hostname, searchParams } = new URL(databaseUrl);
  const here = ["", "localhost", "127.0.0.1", "[::1]"].includes(hostname);
  return here || searchParams.get("sslmode") === "verify-full";
}
