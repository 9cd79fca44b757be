import { distance } from 'fastest-levenshtein';

/** Those of `known` that `name` may have been meant to be, nearest first: at most a third of the letters wrong. */
export function nearestNames(name: string, known: readonly string[]): string[] {
  const limit = Math.max(1, Math.floor(name.length / 3) + 1);
  return known
    .map((candidate) => ({ candidate, errors: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ errors }) => errors <= limit)
    .sort((a, b) => a.errors - b.errors)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** A sentence with the nearest names and all known ones. */
export function suggestNames(name: string, known: readonly string[]): string {
  const nearest = nearestNames(name, known);
  const question = nearest.length > 0 ? `Did you mean ${nearest.map((n) => `"${n}"`).join(' or ')}? ` : '';
  return `${question}Known: ${known.length > 0 ? known.join(', ') : 'none'}.`;
}
