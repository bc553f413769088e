import { MIN_PASSWORD_LENGTH } from "#mesh/limits.ts";
import { fail } from "../errors.ts";

/**
 * Refuses a password that is guessed early, with WEAK_PASSWORD (S1). There are no rules on which
 * characters it has: length counts, what the owner's names make easy to guess does not,
 * and neither does what is among the common ones, which are given in lower case.
 */
export function checkPassword(
  password: string,
  names: readonly string[],
  common: ReadonlySet<string>,
): void {
  const rest = namesOf(names).reduce(
    (left, name) => left.replaceAll(name, ""),
    password.toLowerCase(),
  );
  if (Array.from(rest).length < MIN_PASSWORD_LENGTH) throw weak(rest, password);
  if (common.has(rest) || new Set(rest).size < MIN_DISTINCT || isSequence(rest)) {
    throw fail("WEAK_PASSWORD", { problem: "it is one of the first that are guessed" });
  }
}

/** The fewest different characters of a password. */
const MIN_DISTINCT = 4;

/** The parts of the names that would be guessed: whole names, and e-mail addresses up to the "@". */
function namesOf(names: readonly string[]): string[] {
  return names
    .flatMap((name) => [name, name.split("@")[0]!, name.replace(/^\+/, "")])
    .map((name) => name.toLowerCase())
    .filter((name) => name.length >= 3)
    .toSorted((a, b) => b.length - a.length);
}

function weak(rest: string, password: string) {
  const named = rest !== password.toLowerCase();
  const problem = named
    ? `it is made of the username, e-mail address or phone number`
    : `it has fewer than ${MIN_PASSWORD_LENGTH} characters`;
  return fail("WEAK_PASSWORD", { problem });
}

/** Whether each character is the neighbour of the one before, as in "23456789" and "hgfedcba". */
function isSequence(text: string): boolean {
  const codes = Array.from(text, (character) => character.codePointAt(0)!);
  const steps = new Set(codes.slice(1).map((code, at) => code - codes[at]!));
  const [step = 0] = steps;
  return steps.size === 1 && Math.abs(step) === 1;
}
