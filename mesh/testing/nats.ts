import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Nats, startNats } from "../local/nats.ts";
import { freePorts } from "../local/ports.ts";

/** A broker for one test file, that can be hurt. Streams are named by package, so none is shared. */
export type TestNats = AsyncDisposable & {
  /** Where the broker is; it stays there for good. */
  readonly url: string;
  readonly version: string;
  /** Starts the broker again after it was stopped or killed. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Ends the broker like kill -9. */
  kill(): Promise<void>;
  /** Deletes all that the stopped broker has stored. */
  wipe(): Promise<void>;
  /** Copies what the stopped broker has stored; the function brings that state back. */
  snapshot(): Promise<() => Promise<void>>;
};

/** Starts a broker of its own for a test file, in a folder that goes with it. */
export async function testNats(): Promise<TestNats> {
  const folder = await mkdtemp(join(tmpdir(), "mizan-nats-"));
  const [port] = await freePorts(1);
  const storeFolder = join(folder, "jetstream");
  const wipe = async () => rm(storeFolder, { recursive: true, force: true });
  const run = async () => startNats({ folder, port: port!, storeFolder });
  let nats: Nats = await run();
  const stop = async () => nats[Symbol.asyncDispose]();
  return {
    url: nats.url,
    version: nats.version,
    start: async () => {
      nats = await run();
    },
    stop,
    kill: async () => {
      process.kill(nats.pid, "SIGKILL");
      await nats.exited;
    },
    wipe,
    snapshot: async () => {
      const copy = await mkdtemp(join(folder, "copy-"));
      await cp(storeFolder, copy, { recursive: true });
      return async () => {
        await wipe();
        await cp(copy, storeFolder, { recursive: true });
      };
    },
    [Symbol.asyncDispose]: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
