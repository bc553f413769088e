import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { newId } from "../ids.ts";
import { SERVER_START_MS } from "../limits.ts";
import { natsConfig } from "./nats-config.ts";
import { findNats, type Search } from "./nats-program.ts";
import { startProcess } from "./process.ts";

/** A nats-server of this machine, with JetStream. Disposing of it shuts it down. */
export type Nats = AsyncDisposable & {
  readonly url: string;
  readonly pid: number;
  readonly version: string;
  /** Says how the server ended, as soon as it has. */
  readonly exited: Promise<string>;
};

type Place = Search & {
  /** Where the server keeps its configuration, its log and, unless told else, its streams. */
  readonly folder: string;
  readonly port: number;
  readonly storeFolder?: string;
  readonly syncAlways?: boolean;
};

/**
 * Starts nats-server on the loopback address and waits until it answers; installs one first where
 * there is none. Throws with the end of the server's log when it doesn't come up.
 */
export async function startNats(place: Place): Promise<Nats> {
  const { folder, port } = place;
  const { file, version } = await findNats(place);
  const storeFolder = resolve(place.storeFolder ?? join(folder, "jetstream"));
  await mkdir(storeFolder, { recursive: true });
  const configFile = resolve(folder, "nats.conf");
  const serverName = `mizan-${newId()}`;
  const settings = { port, serverName, storeFolder, syncAlways: place.syncAlways };
  await writeFile(configFile, natsConfig(version, settings));
  await check(file, configFile);
  const logFile = resolve(folder, "nats.log");
  const args = ["-c", configFile];
  const server = await startProcess({ file, args, folder, logFile, stopSignal: "SIGINT" });
  const stop = () => server[Symbol.asyncDispose]();
  try {
    const early = server.exited.then((how) => Promise.reject(new Error(how)));
    await Promise.race([early, answers(port, serverName)]);
  } catch (error) {
    await stop();
    throw new Error(`nats-server didn't start: ${await endOf(logFile)}`, { cause: error });
  }
  const { pid, exited } = server;
  const url = `nats://127.0.0.1:${port}`;
  return { url, pid, version: version.join("."), exited, [Symbol.asyncDispose]: stop };
}

/** Has the server read its configuration before it is started (N17). */
async function check(file: string, configFile: string): Promise<void> {
  await promisify(execFile)(file, ["-t", "-c", configFile]).catch((error: unknown) => {
    throw new Error(`nats-server refuses its configuration: ${String(error)}`, { cause: error });
  });
}

/** Waits for the greeting of our own server: another one may have the port. */
async function answers(port: number, serverName: string): Promise<void> {
  const endMs = performance.now() + SERVER_START_MS;
  while (performance.now() < endMs) {
    const greeting = await greet(port).catch(() => "");
    if (greeting.includes(serverName)) return;
    await sleep(20);
  }
  throw new Error(`it did not answer within ${SERVER_START_MS} ms`);
}

async function greet(port: number): Promise<string> {
  const signal = AbortSignal.timeout(1000);
  const socket = connect({ port, host: "127.0.0.1" });
  try {
    const [greeting] = (await once(socket, "data", { signal })) as [Buffer];
    return greeting.toString();
  } finally {
    socket.destroy();
  }
}

async function endOf(logFile: string): Promise<string> {
  return (await readFile(logFile, "utf8").catch(() => "")).slice(-2000);
}
