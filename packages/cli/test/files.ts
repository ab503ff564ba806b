import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for the files of one test file; gone when its tests are done. */
export function temporaryFolder(name: string): {
  readonly path: (file: string) => string;
  readonly file: (file: string, content: string | Uint8Array) => string;
} {
  const folder = mkdtempSync(join(tmpdir(), `adjoint-${name}-`));
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = (file: string) => join(folder, file);
  return {
    path,
    file(name, content) {
      writeFileSync(path(name), content);
      return path(name);
    },
  };
}
