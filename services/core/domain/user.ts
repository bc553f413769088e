/** What a user may do; the access tokens carry it. */
export type Role = "USER" | "MERCHANT" | "ADMIN";

/** All that a user may be, in the order in which roles are kept. */
export const allRoles: readonly Role[] = ["USER", "MERCHANT", "ADMIN"];

/** Where a user stands: OPENING until the ledger has the first account (ACC-9). */
export type UserState = "OPENING" | "ACTIVE";

/** Somebody with an account on the platform. Empty texts stand for what was not given. */
export type User = {
  readonly id: string;
  readonly state: UserState;
  readonly roles: readonly Role[];
  readonly verificationLevel: number;
  readonly username: string;
  readonly email: string;
  readonly phoneNumber: string;
  readonly createdAtMs: number;
};
