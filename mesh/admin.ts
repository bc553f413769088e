import type { ServerResponse } from "node:http";
import { listenHttp } from "./edge/http-server.ts";
import { answerError, answerStatus, refusal } from "./edge/refusals.ts";
import type { Log } from "./log.ts";
import type { Readiness } from "./readiness.ts";
import type { Telemetry } from "./telemetry.ts";

/** What an operator, a probe or Prometheus asks a process; never reached from outside (G26). */
export type Admin = AsyncDisposable & { readonly port: number };

type Options = {
  readonly host: string;
  readonly port: number;
  readonly readiness: Readiness;
  readonly telemetry: Telemetry;
  readonly log: Log;
};

/**
 * Serves /healthz, which says that the event loop runs and nothing more, /readyz, which says by
 * name what keeps the process from serving, and /metrics.
 */
export async function startAdmin(options: Options): Promise<Admin> {
  const pages = pagesOf(options);
  const { port, drain } = await listenHttp(options, (request, response) => {
    const [path = ""] = (request.url ?? "").split("?", 1);
    const page = pages.get(path);
    if (page === undefined) answerError(response, refusal("PATH_NOT_FOUND", { path }), 404);
    else if (request.method !== "GET") answerStatus(response, 405, { verbs: ["GET"] });
    else {
      page(response).catch((error: unknown) => {
        options.log.error({ err: error, path }, "an admin page failed");
        answerError(response, refusal("INTERNAL"));
      });
    }
  });
  return { port, [Symbol.asyncDispose]: () => drain(0) };
}

type Page = (response: ServerResponse) => Promise<void>;

function pagesOf({ readiness, telemetry }: Options): ReadonlyMap<string, Page> {
  const readyz: Page = async (response) => {
    const verdict = await readiness.look();
    send(response, verdict.ready ? 200 : 503, "application/json", JSON.stringify(verdict));
  };
  const metrics: Page = async (response) => {
    const { type, text } = await telemetry.page();
    send(response, 200, type, text);
  };
  return new Map(Object.entries({ "/healthz": alive, "/readyz": readyz, "/metrics": metrics }));
}

async function alive(response: ServerResponse): Promise<void> {
  send(response, 200, "application/json", '{"alive":true}');
}

function send(response: ServerResponse, ...[status, type, text]: [number, string, string]): void {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
  response.end(text);
}
