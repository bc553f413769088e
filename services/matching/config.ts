import * as kinds from "#mesh/setting-kinds.ts";
import { setting } from "#mesh/settings.ts";

/** The settings of matching beside those of every service. */
export const settings = {
  orphanHoldsS: setting(
    ["ORPHAN_HOLDS_S", "how old a hold without an order is before it is given up, in seconds"],
    kinds.integer(1, 3600),
    60,
  ),
};
