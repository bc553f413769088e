/** How somebody names themselves at the login, in the form in which it is compared. */
export type LoginName = {
  readonly kind: "username" | "email" | "phoneNumber";
  readonly name: string;
};

/**
 * Reads the name of a login: an e-mail address has an "@", a phone number begins with "+", and no
 * username has either. Upper and lower case are the same.
 */
export function toLoginName(text: string): LoginName {
  const name = comparable(text);
  if (name.includes("@")) return { kind: "email", name };
  return { kind: name.startsWith("+") ? "phoneNumber" : "username", name };
}

/** The form in which usernames and e-mail addresses are unique. */
function comparable(name: string): string {
  return name.trim().replaceAll("\0", "\uFFFD").toLowerCase(); // PostgreSQL has no NUL
}
