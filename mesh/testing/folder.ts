import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Makes an empty folder for a test; disposing of it removes it. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const { path, remove } = mkdtempDisposableSync(join(tmpdir(), "mizan-"));
  return { path, [Symbol.dispose]: remove };
}
