/** Engines other than Node's have no flags to set: gives false. */
export function enableRelaxedSimd(): boolean {
  return false;
}

/** Engines other than Node's have no flags to set: gives false. */
export function enableRevectorizer(): boolean {
  return false;
}
