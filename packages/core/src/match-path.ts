import { requireArgument } from './require-argument';

/**
 * Whether a path fits a pattern, in which `*` stands for a name and `**` for any number of names, none too:
 * `encoders.text.**.query` fits `encoders.text.layers.0.attention.query`.
 */
export function matchesPath(pattern: string, path: string): boolean {
  requireArgument(typeof pattern === 'string', 'matchesPath, pattern', 'a string', pattern);
  requireArgument(typeof path === 'string', 'matchesPath, path', 'a string', path);
  const names = path.split('.');
  let reached = new Set([0]); // how many names what was read of the pattern may stand for
  for (const part of pattern.split('.')) {
    const next = new Set<number>();
    for (const count of reached) {
      if (part === '**') for (let any = count; any <= names.length; any++) next.add(any);
      else if (count < names.length && (part === '*' || part === names[count])) next.add(count + 1);
    }
    reached = next;
  }
  return reached.has(names.length);
}
