/** Whether a file is none of the user's: hidden, or what systems leave in folders and archives (`.DS_Store`, `__MACOSX`, `Thumbs.db`). */
export function isHiddenFile(path: string): boolean {
  return path.split('/').some((name) => /^(\.(?!\.?$)|__MACOSX$|Thumbs\.db$|desktop\.ini$)/i.test(name));
}
