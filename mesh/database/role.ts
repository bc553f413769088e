/**
 * The address of a database as a role: every connection to it gives up the rights of its login for
 * those of the role, of which the login has to be a member. Without a role the address stays.
 */
export function asRole(url: string, role: string | undefined): string {
  if (role === undefined) return url;
  const address = new URL(url);
  const options = address.searchParams.get("options") ?? "";
  address.searchParams.set("options", `${options} -c role=${role}`.trim());
  return address.href;
}
