import { MAX_RETRY_DELAY_MS } from "#mesh/limits.ts";

/** How long to wait before something is tried or asked once more: twice as long each time. */
export function retryDelayMs(firstMs: number, triedBefore: number): number {
  return Math.min(firstMs * 2 ** Math.max(0, triedBefore), MAX_RETRY_DELAY_MS);
}
