/** Where the paths with a prefix go. */
export type Route = {
  readonly prefix: string;
  readonly service: string;
  /** host:port of the service's public HTTP. */
  readonly address: string;
};

/** The routes to services by name: their packages, their hooks and their plain paths. */
export function routesTo(services: Readonly<Record<string, string>>): readonly Route[] {
  return Object.entries(services).flatMap(([service, address]) =>
    prefixesOf(service).map((prefix) => ({ prefix, service, address })),
  );
}

function prefixesOf(service: string): readonly string[] {
  return [`/mizan.${service}.`, `/hooks/${service}/`, ...(plainPaths[service] ?? [])];
}

/** The documents, and what clients of the systems before Mizan call. */
const plainPaths: Readonly<Record<string, readonly string[]>> = {
  core: ["/api/"],
  billing: [
    "/billing/v1/",
    "/api/v1/admin/pool/",
    "/api/wallets",
    "/api/currencies",
    "/api/history/finance",
  ],
  matching: ["/ws", "/api/orders", "/api/history/candles"],
  settlement: ["/hooks/bank/", "/api/settlement/"],
  sms: ["/sms/v1/"],
};

/** The route with the longest prefix of a path. */
export function routeOf(routes: readonly Route[], path: string): Route | undefined {
  let found: Route | undefined;
  for (const route of routes) {
    const longer = route.prefix.length > (found?.prefix.length ?? 0);
    if (longer && path.startsWith(route.prefix)) found = route;
  }
  return found;
}
