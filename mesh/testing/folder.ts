import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Makes an empty folder for a test; disposing of it removes it. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  return mkdtempDisposableSync(join(tmpdir(), "mizan-"));
}
