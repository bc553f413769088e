/** Takes fields apart, each checked by its own test; others are refused. */
export function readFields(
  value: unknown,
  checks: Readonly<Record<string, (field: unknown) => boolean>>,
): object {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error("an object is wanted");
  for (const [name, field] of Object.entries(value)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) throw new Error(`nobody knows ${name}`);
    if (!check(field)) throw new Error(`${name} is not as it should be`);
  }
  return value;
}

/** A test for a whole number between two bounds. */
export function whole(min: number, max: number): (field: unknown) => boolean {
  return (field) => Number.isSafeInteger(field) && Number(field) >= min && Number(field) <= max;
}

/** A test for true or false. */
export function flag(field: unknown): boolean {
  return typeof field === "boolean";
}

/** A test for an object. */
export function isObject(field: unknown): boolean {
  return typeof field === "object" && field !== null;
}

/** A test for where and with what a hook is called; the secret is a text. */
export function isHook(field: unknown): boolean {
  const checks = { url: isUrl, secret: (secret: unknown) => typeof secret === "string" };
  return isObject(field) && Object.keys(readFields(field, checks)).length === 2;
}

/** A test for how a provider is away, and for how many milliseconds. */
export function isDown(modes: readonly string[]): (field: unknown) => boolean {
  const checks = {
    mode: (mode: unknown) => modes.some((one) => one === mode),
    ms: whole(1, 10 * 60 * 1000),
  };
  return (field) => isObject(field) && Object.keys(readFields(field, checks)).length === 2;
}

function isUrl(field: unknown): boolean {
  return typeof field === "string" && URL.canParse(field);
}
