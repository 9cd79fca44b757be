/**
 * Whether a path fits a pattern, in which `*` stands for a name and `**` for any number of names, none too:
 * `encoders.text.**.query` fits `encoders.text.layers.0.attention.query`.
 */
export function matchesPath(pattern: string, path: string): boolean {
  return fits(pattern.split('.'), path.split('.'));
}

function fits([first, ...others]: readonly string[], names: readonly string[]): boolean {
  if (first === undefined) return names.length === 0;
  if (first === '**') return fits(others, names) || (names.length > 0 && fits(['**', ...others], names.slice(1)));
  return names.length > 0 && (first === '*' || first === names[0]) && fits(others, names.slice(1));
}
