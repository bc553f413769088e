/** What was checked: the violations by the sentence that they break. */
export type Findings = ReadonlyMap<string, readonly string[]>;

/** Tells what holds and what does not, with the first violations, and ends with the verdict. */
export function verdictOf(findings: Findings): { readonly text: string; readonly failed: number } {
  const lines = [...findings].flatMap(([sentence, violations]) => linesOf(sentence, violations));
  const failed = [...findings.values()].filter((violations) => violations.length > 0).length;
  const verdict = `${findings.size - failed} passed, ${failed} failed, 0 skipped`;
  return { text: [...lines, verdict].join("\n"), failed };
}

function linesOf(sentence: string, violations: readonly string[]): string[] {
  if (violations.length === 0) return [`passed  ${sentence}`];
  const more = violations.length - MAX_SHOWN;
  const shown = violations.slice(0, MAX_SHOWN).concat(more > 0 ? [`and ${more} more`] : []);
  return [`FAILED  ${sentence}`, ...shown.map((violation) => `          ${violation}`)];
}

const MAX_SHOWN = 5;
