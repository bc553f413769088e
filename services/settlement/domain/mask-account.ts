/** The number of an account, of which only the end is shown; "" for none. */
export function maskAccount(account: string): string {
  return account === "" ? "" : `****${account.slice(-SHOWN)}`;
}

/** One account however it is written: "ir12 3456" is "IR123456". */
export function accountKey(account: string): string {
  return account.replaceAll(/[ .-]/g, "").toUpperCase();
}

const SHOWN = 4;
