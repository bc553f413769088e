/** A stretch of a list that goes from the newest time to the oldest, in microseconds since 1970. */
export type Stretch = { readonly beforeUs: number; readonly limit: number };
