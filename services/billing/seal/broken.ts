/** The chain is broken: ends a verification at its first problem. */
export class Broken extends Error {
  override readonly name = "Broken";
  /** The number of the transfer that is broken; 0 when it is something else. */
  readonly seq: number;

  constructor(problem: string, seq = 0) {
    super(problem);
    this.seq = seq;
  }
}
