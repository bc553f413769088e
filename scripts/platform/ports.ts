import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { calledFrom } from "#mesh/local/ports.ts";
import { services, simulatedBanks, simulatorsPort, workers } from "./services.ts";

/** The ports of a stack by what listens there; one offset moves them all. */
export function portsOf(offset: number): Map<string, number> {
  const ports = new Map([
    ["router", 8080],
    ["postgres", 15432],
    ["nats", 14222],
    ["simulators", simulatorsPort],
  ]);
  for (const { name, port } of simulatedBanks) ports.set(`simulated ${name}`, port);
  for (const { name, grpcPort, httpPort, adminPort } of services) {
    ports.set(`${name} gRPC`, grpcPort);
    ports.set(`${name} HTTP`, httpPort);
    ports.set(`${name} admin`, adminPort);
  }
  for (const { name, adminPort } of workers) ports.set(`${name} admin`, adminPort);
  return new Map([...ports].map(([name, port]) => [name, port + offset]));
}

/** Reads MIZAN_PORT_OFFSET; throws a sentence for what is not a usable offset. */
export function parseOffset(text: string | undefined): number {
  const offset = Number(text ?? 0);
  if (Number.isInteger(offset) && offset >= 0 && offset <= MAX_OFFSET) return offset;
  throw new Error(`MIZAN_PORT_OFFSET is "${text}"; it has to be a number from 0 to ${MAX_OFFSET}.`);
}

/** Waits until the ports are free; throws a sentence with the ports that are still taken then. */
export async function waitForPorts(ports: Map<string, number>, withinMs: number): Promise<void> {
  const endMs = performance.now() + withinMs;
  for (;;) {
    const busy = await busyPorts(ports);
    if (busy.length === 0) return;
    if (performance.now() >= endMs) {
      const names = busy.map(([name, port]) => `${port} (${name})`).join(", ");
      const remedy = "End it, or move all ports: MIZAN_PORT_OFFSET=1000 npm start";
      throw new Error(`Port ${names} is taken by another program. ${remedy}`);
    }
    await delay(100);
  }
}

/**
 * Finds an offset whose ports are all free now, for a stack beside others. The system gives none of
 * them to callers where that can be had, so that a part that starts again finds its port free.
 */
export async function freeOffset(): Promise<number> {
  const { from, to } = calledFrom();
  const all = Array.from({ length: MAX_OFFSET / 100 - 1 }, (_, place) => 100 * (place + 1));
  const isApart = (port: number) => port < from || port > to;
  const apart = all.filter((offset) => [...portsOf(offset).values()].every(isApart));
  const offsets = apart.length > 0 ? apart : all;
  for (let attempt = 0; attempt < 50; attempt++) {
    const offset = offsets[Math.floor(Math.random() * offsets.length)]!;
    if ((await busyPorts(portsOf(offset))).length === 0) return offset;
  }
  throw new Error("No 50 stacks fit beside each other; every offset that was tried is taken.");
}

/** The largest offset: the highest port plus room for later ones stays a port. */
const MAX_OFFSET = 15_000;

async function busyPorts(ports: Map<string, number>): Promise<[name: string, port: number][]> {
  const taken = await Promise.all([...ports.values()].map(isTaken));
  return [...ports].filter((_, index) => taken[index]);
}

function isTaken(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer()
    .once("error", () => resolve(true))
    .listen(port, "127.0.0.1", () => server.close(() => resolve(false)));
  return promise;
}
