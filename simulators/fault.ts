import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { answerJson } from "./http.ts";

/**
 * What goes wrong with a call. Nothing is accepted by `http500`, `hang` (no answer) and `reset`.
 * All is accepted and then the answer is lost by `lost` (the connection closes), `lostHang`,
 * `lost500`, `cut` (half of it), `garbage` (not JSON), `huge` (without an end) and `slow` (byte by
 * byte).
 */
export type Fault = (typeof faults)[number];

/** Whether a value of a script names a fault. */
export function isFault(value: unknown): boolean {
  return faults.some((fault) => fault === value);
}

const faults = [
  ...(["none", "http500", "hang", "reset"] as const),
  ...(["lost", "lostHang", "lost500", "cut", "garbage", "huge", "slow"] as const),
];

/** Whether a call with this fault is accepted in spite of it. */
export function acceptsWith(fault: Fault): boolean {
  return !["http500", "hang", "reset"].includes(fault);
}

/** Answers a call, or fails to in the way that the script asks for. */
export async function answerWith(
  response: ServerResponse,
  fault: Fault,
  json: string,
): Promise<void> {
  switch (fault) {
    case "none":
      return answerJson(response, 200, json);
    case "http500":
    case "lost500":
      return answerJson(response, 500, '{"error":"internal"}');
    case "hang":
    case "lostHang":
      return; // until the caller leaves
    case "reset":
    case "lost":
      response.socket?.resetAndDestroy();
      return;
    case "cut":
      response.writeHead(200, { "content-type": "application/json" });
      response.write(json.slice(0, json.length / 2), () => response.socket?.destroySoon());
      return;
    case "garbage":
      return answerJson(response, 200, "<html><body>Welcome</body></html>");
    case "huge":
      return drip(response, " ".repeat(64 * 1024), { pauseMs: 0, pieces: 200 });
    case "slow":
      return drip(response, " ", { pauseMs: 100, pieces: 6000 });
  }
}

/** Writes a piece of nothing over and over, for as long as the caller takes it. */
async function drip(
  response: ServerResponse,
  piece: string,
  { pauseMs, pieces }: { readonly pauseMs: number; readonly pieces: number },
): Promise<void> {
  response.writeHead(200, { "content-type": "application/json" });
  for (let count = 0; count < pieces && !response.closed; count++) {
    response.write(piece);
    await sleep(pauseMs);
  }
  response.destroy();
}
