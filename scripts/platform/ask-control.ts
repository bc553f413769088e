/**
 * Makes what asks the control of a simulated provider, and answers with the text that comes. Throws
 * a sentence when it is refused.
 */
export function askControl(url: string) {
  return async (path: string, method = "GET", body?: unknown): Promise<string> => {
    const answer = await fetch(`${url}/control${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(CALL_MS),
    });
    const text = await answer.text();
    if (answer.ok) return text;
    throw new Error(`The simulator at ${url} refused ${method} ${path}: ${text}`);
  };
}

const CALL_MS = 30_000;
