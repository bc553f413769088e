/** The fields of an object that came from elsewhere. */
export type Fields = Readonly<Record<string, unknown>>;

/** The value as an object, if it is one. */
export function asFields(value: unknown): Fields | undefined {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Fields) : undefined;
}
