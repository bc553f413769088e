import { setting } from "#mesh/settings.ts";
import { parseFourEyes } from "./domain/four-eyes.ts";

/** The settings of billing beside those of every service. */
export const settings = {
  fourEyes: setting(
    ["MIZAN_FOUR_EYES", "the amounts above which a movement by hand needs two administrators"],
    parseFourEyes,
    new Map<string, bigint>(),
  ),
};
