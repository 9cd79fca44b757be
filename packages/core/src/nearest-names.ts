import { distance } from 'fastest-levenshtein';

/** Nobody misspells a longer one: it is something else that stands in the place of a name. */
const longestName = 100;

/**
 * Those of `known` that `name` may have been meant to be, nearest first: that are spelt nearly so, or whose words begin with its letters, as those
 * of `learningRate` with `lr`.
 *
 * @param limit how many letters may be wrong; a third of them unless told otherwise
 */
export function nearestNames(
  name: string,
  known: readonly string[],
  limit = Math.max(1, Math.floor(name.length / 3) + 1),
): string[] {
  if (name.length > longestName) return [];
  return known
    .map((candidate) => ({ candidate, errors: isShortFor(name, candidate) ? 1 : errorsOf(name, candidate) }))
    .filter(({ errors }) => errors <= limit)
    .sort((a, b) => a.errors - b.errors)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

function errorsOf(name: string, candidate: string): number {
  return distance(name.toLowerCase(), candidate.toLowerCase());
}

/** Whether a name of several words is said by the first letter of each. */
function isShortFor(name: string, candidate: string): boolean {
  const words = candidate.match(/[A-Za-z][a-z0-9]*/g) ?? [];
  return words.length > 1 && words.map(([letter]) => letter.toLowerCase()).join('') === name.toLowerCase();
}

/** Known names that are listed; of more, as a vocabulary has, the first ones. */
const mostListed = 20;

/** A sentence with the nearest names and the known ones. */
export function suggestNames(name: string, known: readonly string[]): string {
  const nearest = nearestNames(name, known);
  const question = nearest.length > 0 ? `Did you mean ${nearest.map((n) => `"${n}"`).join(' or ')}? ` : '';
  const more = known.length > mostListed ? ` and ${known.length - mostListed} more` : '';
  return `${question}Known: ${known.slice(0, mostListed).join(', ') || 'none'}${more}.`;
}

/**
 * As {@link suggestNames}, for the path of a parameter or module: of the known ones, as many names count as it has itself.
 *
 * ```ts
 * suggestPaths('encoders.foto', ['encoders.photo.weight', 'heads.ripe.bias']); // 'Did you mean "encoders.photo"? Known: …'
 * ```
 */
export function suggestPaths(path: string, known: Iterable<string>): string {
  const depth = path.split('.').length;
  return suggestNames(path, [...new Set([...known].map((one) => one.split('.').slice(0, depth).join('.')))]);
}
