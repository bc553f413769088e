/** Measures once: what it found out, by name. */
export type Case = () => Promise<Readonly<Record<string, number>>>;

/**
 * Measures the cases in turn, several times over, so that a slow moment of the machine hits all of
 * them. A first round warms up and counts for nothing.
 */
export async function inTurn(cases: readonly Case[], rounds: number) {
  for (const measure of cases) await measure();
  const found: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round++) {
    for (const measure of cases) keep(found, await measure());
  }
  return found;
}

function keep(found: Record<string, number[]>, figures: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(figures)) (found[name] ??= []).push(value);
}
