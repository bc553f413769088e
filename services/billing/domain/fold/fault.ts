/** Something in the books that does not agree. */
export type Fault = {
  /** The slot of the account that it is about; 0 when it is about none. */
  readonly slot: number;
  /** The number of the first transfer that is wrong, or after which something is; 0 for none. */
  readonly seq: number;
  /** What is wrong, as it is called in the tables. */
  readonly field: string;
  /** What the transfers say. */
  readonly expected: string;
  /** What is stored. */
  readonly found: string;
};

/** Is told of each fault as it is found. */
export type Report = (fault: Fault) => void;
