import type { Implemented } from "#mesh/edge/methods.ts";
import type { Settlement } from "./context.ts";

/** What settlement serves. */
export const contract = (_settlement: Settlement): Implemented[] => [];
