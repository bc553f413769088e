import type { Command } from "../domain/command.ts";
import { newOrders } from "../writer/batch.ts";
import type { Submission } from "../writer/submission.ts";
import { randomCommands } from "./random-commands.ts";
import { randomTiers } from "./random-tiers.ts";

/**
 * Random commands as callers give them: with owners and fees instead of numbers, and no id of an
 * order twice, since its hold would be refused. The same for the same seed.
 */
export function randomSubmissions(seed: number, count: number): Submission[] {
  const used = new Set<string>();
  const isNew = (command: Command) => {
    const placed = newOrders(command);
    const isUsed = placed.some((order) => used.has(order));
    for (const order of placed) used.add(order);
    return !isUsed;
  };
  return randomCommands({ seed, count })
    .map(({ command }) => command)
    .filter((command) => command.kind !== "TIER" && isNew(command))
    .map(toSubmission);
}

function toSubmission(command: Command): Submission {
  const owner = "account" in command ? command.account.toString(16).padStart(32, "0") : undefined;
  const fees = randomTiers[tierOf(command) - 1];
  return { command, ...(owner && { owner }), ...(fees && { fees }) };
}

function tierOf(command: Command): number {
  if (command.kind === "OCO") return command.limit.tier;
  return command.kind === "PLACE" || command.kind === "REPLACE" ? command.tier : 0;
}
