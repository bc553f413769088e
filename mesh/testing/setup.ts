import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { findNats } from "../local/nats-program.ts";
import { freePorts } from "../local/ports.ts";
import { startPostgres } from "../local/postgres.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** A database whose user may make others. */
    databaseUrl: string;
    /** Whether that server stays when the tests are over. */
    databaseStays: boolean;
  }
}

/** Starts what the tests need, once a run; servers that the environment names are used instead. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await findNats({ progress: console.log }); // each test file that needs a broker starts its own
  const servers = new AsyncDisposableStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), "mizan-test-"));
    servers.defer(async () => rm(folder, { recursive: true, force: true }));
    await chmod(folder, 0o711); // the user of PostgreSQL passes through
    const given = process.env["DATABASE_URL"];
    project.provide("databaseStays", given !== undefined);
    project.provide("databaseUrl", given ?? (await postgres(servers, join(folder, "postgres"))));
    return async () => servers.disposeAsync();
  } catch (error) {
    await servers.disposeAsync();
    throw error;
  }
}

async function postgres(servers: AsyncDisposableStack, folder: string): Promise<string> {
  const [port] = await freePorts(1);
  const server = await startPostgres({ folder, port: port! });
  servers.defer(server.abandon);
  return server.url("postgres");
}
