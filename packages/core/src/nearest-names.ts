import { distance } from 'fastest-levenshtein';

/** Nobody misspells a longer one: it is something else that stands in the place of a name. */
const longestName = 100;

/** Those of `known` that `name` may have been meant to be, nearest first: at most a third of the letters wrong. */
export function nearestNames(name: string, known: readonly string[]): string[] {
  if (name.length > longestName) return [];
  const limit = Math.max(1, Math.floor(name.length / 3) + 1);
  return known
    .map((candidate) => ({ candidate, errors: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ errors }) => errors <= limit)
    .sort((a, b) => a.errors - b.errors)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
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
