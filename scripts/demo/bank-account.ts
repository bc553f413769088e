/** The account that the merchant of a run is paid on, which no other run has. */
export function accountOf(run: string): string {
  return `IR${String(Number.parseInt(run, 36)).padStart(24, "0")}`;
}
