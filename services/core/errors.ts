import { Code } from "@connectrpc/connect";
import { reasons } from "#mesh/errors.ts";

/** Makes the errors of this service. No text and no value repeats a password or a token (S12). */
export const fail = reasons("core", {
  BAD_CREDENTIALS: [Code.Unauthenticated, "The {credentials} can't be accepted."],
  TOO_MANY_ATTEMPTS: [Code.ResourceExhausted, "Too many attempts; try again in {retry_ms} ms."],
  USERNAME_TAKEN: [Code.AlreadyExists, "The username {username} belongs to somebody else."],
  EMAIL_TAKEN: [Code.AlreadyExists, "The e-mail address belongs to somebody else."],
  PHONE_NUMBER_TAKEN: [Code.AlreadyExists, "The phone number belongs to somebody else."],
  USER_NOT_FOUND: [Code.NotFound, "There is no user {user_id}."],
  LAST_ADMIN: [Code.FailedPrecondition, "Without {user_id} there would be no administrator."],
  WEAK_PASSWORD: [Code.InvalidArgument, "The password is too easy to guess: {problem}."],
});
