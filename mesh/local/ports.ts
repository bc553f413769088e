import { readFileSync } from "node:fs";
import { once } from "node:events";
import { createServer, type Server } from "node:net";

/**
 * Finds ports of the loopback address that nobody listens on at this moment, and that the system
 * gives to nobody who calls others: what is started again later finds its port free.
 */
export async function freePorts(count: number): Promise<number[]> {
  const { from } = calledFrom();
  const servers = new Map<number, Server>();
  await using stack = new AsyncDisposableStack();
  for (let tries = 0; servers.size < count; tries++) {
    if (tries === MAX_TRIES)
      throw new Error(`no ${count} ports are free from ${LOWEST} to ${from}`);
    const port = LOWEST + Math.floor(Math.random() * (from - LOWEST));
    const server = await listen(port);
    if (server !== undefined) servers.set(port, stack.use(server));
  }
  return [...servers.keys()];
}

/** The ports that the system gives to those who call others; both ends belong to it. */
export function calledFrom(): { readonly from: number; readonly to: number } {
  try {
    const text = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8");
    const [from, to] = text.trim().split(/\s+/).map(Number);
    if (from! >= LOWEST + FEWEST) return { from: from!, to: to! };
  } catch {
    // another system, or a namespace that does not tell
  }
  return usual;
}

/** What Linux begins with; others begin higher. */
const usual = { from: 32_768, to: 60_999 };

/** Stacks of their own have lower ones, or higher. */
const LOWEST = 25_000;
/** How many there have to be to choose from. */
const FEWEST = 1000;
const MAX_TRIES = 1000;

async function listen(port: number): Promise<Server | undefined> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
    return server;
  } catch {
    return undefined; // somebody has it
  }
}
