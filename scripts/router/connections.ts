import { ROUTER_FREE_SOCKETS } from "#mesh/limits.ts";
import { type Asker, Connection, type Patience } from "./connection.ts";

/** Connections to services that are kept and used again, the last freed one first. */
export type Connections = Disposable & {
  /** Gives a connection to an address for one request. */
  readonly ask: (address: string, method: string, asker: Asker) => Connection;
};

/** Keeps so many free connections to each address; there are as many as there are requests. */
export function keepConnections(patience: Patience): Connections {
  const all = new Set<Connection>();
  const services = new Map<string, Service>();
  const serviceAt = (address: string) => {
    const known = services.get(address);
    if (known !== undefined) return known;
    const service: Service = { ...endpointOf(address), free: [] };
    services.set(address, service);
    return service;
  };
  const open = ({ host, port, free }: Service) => {
    const connection = new Connection({
      host,
      port,
      patience,
      free: (freed) => {
        if (free.length < ROUTER_FREE_SOCKETS) free.push(freed);
        else freed.destroy();
      },
      gone: (lost) => {
        all.delete(lost);
        const at = free.indexOf(lost);
        if (at !== -1) free.splice(at, 1);
      },
    });
    all.add(connection);
    return connection;
  };
  return {
    ask: (address, method, asker) => {
      const service = serviceAt(address);
      for (let next = service.free.pop(); next !== undefined; next = service.free.pop()) {
        if (next.ask(asker, method)) return next;
      }
      const fresh = open(service);
      fresh.ask(asker, method);
      return fresh;
    },
    [Symbol.dispose]: () => {
      for (const connection of all) connection.destroy();
    },
  };
}

type Service = { readonly host: string; readonly port: number; readonly free: Connection[] };

/** Takes host:port apart; the host may be an address of IPv6 in brackets. */
export function endpointOf(address: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(`http://${address}`);
  return { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(port || 80) };
}
