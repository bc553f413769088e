/** What a book was like after a tape, and how fast it got there. */
export type Found = {
  /** Commands a second, those that filled the book left out. */
  readonly perSecond: number;
  /** Prices at which something rests, on both sides. */
  readonly levels: number;
  /** All that rests. */
  readonly lots: number;
  /** What some books count: fills, and the sum of price times lots over them. */
  readonly fills?: number;
  readonly units?: number;
};

/** Throws unless two books agree in all that both have counted. */
export function expectSame(name: string, ours: Found, theirs: Found): void {
  for (const what of ["levels", "lots", "fills", "units"] as const) {
    const [our, their] = [ours[what], theirs[what]];
    if (our === undefined || their === undefined || our === their) continue;
    throw new Error(`${name} has found ${their} ${what}, and we ${our}`);
  }
}
