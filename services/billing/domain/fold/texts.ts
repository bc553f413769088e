/** Rows of a table, each column as one text with commas in between, an empty cell for a null. */
export type Texts<C extends string> = {
  readonly count: number;
  readonly columns: Readonly<Record<C, string>>;
};
