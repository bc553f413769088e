import {
  type RegisterUserRequest,
  type RegisterUserResponse,
  RegisterUserResponseSchema,
} from "#gen/mizan/core/v1/user_service_pb.ts";
import type { Call, Core } from "../context.ts";
import { join } from "./join.ts";
import { toUser } from "./messages.ts";

/**
 * Registers a user once per key, and answers when the ledger knows the user too, on a retry as
 * well. Throws WEAK_PASSWORD, USERNAME_TAKEN, EMAIL_TAKEN, PHONE_NUMBER_TAKEN, and OVERLOADED when
 * too many passwords wait to be hashed.
 */
export async function registerUser(
  core: Core,
  { username, email, phoneNumber, password }: Omit<RegisterUserRequest, "$typeName">,
  call: Call,
): Promise<RegisterUserResponse> {
  const newcomer = { username, email, phoneNumber, password, roles: ["USER"] } as const;
  return join(core, newcomer, {
    call,
    schema: RegisterUserResponseSchema,
    welcome: async (_, user) => ({ user: toUser(user) }),
    idOf: ({ user }) => user!.id,
  });
}
