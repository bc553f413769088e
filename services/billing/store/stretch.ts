/** A stretch of a list that goes from the newest seq to the oldest. */
export type Stretch = { readonly beforeSeq: number; readonly limit: number };
