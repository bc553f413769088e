/** An amount of the wire as the replaced systems wrote it: in whole major units, rounded down. */
export function toWholeUnits(amount: string | undefined): number {
  return Number((amount ?? "0").replace(/\..*$/, ""));
}
