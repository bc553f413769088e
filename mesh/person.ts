/** A person who has signed in, as the tokens carry the person to every service. */
export type Person = {
  readonly id: string;
  readonly roles: readonly Role[];
  /** How well the person is known: 0 for not verified. */
  readonly verificationLevel: number;
};

/** What a person may be; a merchant is a user with a second role. */
export type Role = "USER" | "MERCHANT" | "ADMIN";

/** The claims of a token that describe a person. */
export type PersonClaims = {
  readonly sub: string;
  readonly roles: readonly string[];
  readonly verification_level: number;
};

/** Writes a person as claims. */
export function toClaims({ id, roles, verificationLevel }: Person): PersonClaims {
  return { sub: id, roles, verification_level: verificationLevel };
}

/** Reads a person from claims; undefined when they describe none. */
export function fromClaims(claims: unknown): Person | undefined {
  const { sub: id, roles, verification_level: level } = (claims ?? {}) as Partial<PersonClaims>;
  if (typeof id !== "string" || id === "" || !Array.isArray(roles)) return undefined;
  if (typeof level !== "number" || !Number.isSafeInteger(level) || level < 0) return undefined;
  return { id, roles: roles.filter(isRole), verificationLevel: level };
}

function isRole(role: unknown): role is Role {
  return role === "USER" || role === "MERCHANT" || role === "ADMIN";
}
