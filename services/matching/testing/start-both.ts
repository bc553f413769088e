import { ensureCertificates } from "#mesh/certificates.ts";
import { createClients } from "#mesh/grpc/clients.ts";
import { openIdentity } from "#mesh/identity.ts";
import { MAX_BATCH_MESSAGE_BYTES } from "#mesh/limits.ts";
import { startService } from "#mesh/start-service.ts";
import { temporaryFolder } from "#mesh/testing/folder.ts";
import { testLog } from "#mesh/testing/log.ts";
import { testNats } from "#mesh/testing/nats.ts";
import { testDatabase } from "#mesh/testing/postgres.ts";
import { createSigner } from "#mesh/tokens.ts";
import { settings as billingSettings } from "../../billing/config.ts";
import { startBilling } from "../../billing/start-billing.ts";
import { databaseRole } from "../../billing/store/role.ts";
import { testBooks } from "../../billing/testing/test-ledger.ts";
import { settings } from "../config.ts";
import { startMatching } from "../start-matching.ts";
import type { Tables } from "../store/tables.ts";

const maxMessageBytes = MAX_BATCH_MESSAGE_BYTES;

const billingDefinition = {
  name: "billing",
  migrations: new URL("../../billing/store/migrations/", import.meta.url),
  databaseRole,
  maxMessageBytes,
  settings: billingSettings,
  start: startBilling,
};

const definition = {
  name: "matching",
  migrations: new URL("../store/migrations/", import.meta.url),
  maxMessageBytes,
  settings,
  start: startMatching,
};

/** The settings of matching in tests that don't say otherwise. */
const usual = {
  orphanHoldsS: 60,
  snapshotBatches: 50_000,
  snapshotMinutes: 10,
  journalKeepDays: 0,
};

/** Starts matching and billing in this process, on real databases and with a real broker. */
export async function startBoth() {
  await using stack = new AsyncDisposableStack();
  const log = testLog();
  const folder = stack.use(temporaryFolder()).path;
  await ensureCertificates(folder, ["core", "billing", "matching", "operator"]);
  const nats = stack.use(await testNats());
  const common = { ...here, certs: folder, natsUrl: nats.url, logLevel: "info" as const };
  const means = { log, stop: () => {} };
  const ledger = stack.use(await testBooks());
  const fourEyes = new Map<string, bigint>();
  const billing = stack.use(
    await startService(billingDefinition, {
      ...means,
      config: { ...common, databaseUrl: ledger.url, fourEyes },
    }),
  );
  const db = stack.use(await testDatabase<Tables>({ migrations: [definition.migrations] }));
  const peers = { billing: `127.0.0.1:${billing.grpcPort}` };
  const config = { ...common, ...usual, databaseUrl: db.url, peers };
  const matching = stack.use(await startService(definition, { ...means, config }));
  const everybody = { ...peers, matching: `127.0.0.1:${matching.grpcPort}` };
  const open = stack.move();
  return {
    db,
    log,
    folder,
    billing,
    matching,
    /** The clients of a service, or of the operator, over gRPC. */
    inside: (service: string) => {
      const identity = open.use(openIdentity({ folder, service, log }));
      const signer = open.use(createSigner(folder, service));
      return open.use(createClients({ identity, signer, peers: everybody }));
    },
    [Symbol.asyncDispose]: async () => open.disposeAsync(),
  };
}

const here = {
  profile: "test" as const,
  host: "127.0.0.1",
  grpcPort: 0,
  httpPort: 0,
  adminHost: "127.0.0.1",
  adminPort: 0,
  peers: {},
  trustedProxies: [],
  allowedOrigins: [],
  drainWaitMs: 0,
  parentPipe: false,
};
