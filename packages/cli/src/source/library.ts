import { packageSeenFrom, urlOf } from "../host.js";

/** What the command needs of a copy of this library. */
export type Library = Pick<typeof import("@adjoint/nd"), "NDArray" | "autograd" | "nd">;

/** The packages that hand out arrays, the most usual import first. */
const packages = ["adjoint", "@adjoint/nd"];

/**
 * The copy of this library that a module sees: only with that one can its arrays be recorded. The command's own where
 * the module sees none.
 */
export async function libraryOf(modulePath: string): Promise<Library> {
  for (const name of packages) {
    const path = packageSeenFrom(modulePath, name);
    if (path !== undefined) return await import(urlOf(path));
  }
  return await import("@adjoint/nd");
}
