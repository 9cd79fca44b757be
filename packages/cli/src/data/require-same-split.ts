import { ConfigError } from '@polymodal/core';
import type { SplitOptions, SplitRecipe } from '@polymodal/data';

/**
 * Makes sure that a run that has begun is still asked for the split that it has: its figures would be read as those of another one.
 *
 * @param directory of the run, as its config calls it
 * @throws ConfigError for other shares, columns or another seed, saying which
 */
export function requireSameSplit(recipe: SplitRecipe, options: SplitOptions | undefined, directory: string): void {
  const { into, column, groupBy, stratify, seed = 0 } = options ?? {};
  const pairs: readonly (readonly [name: string, begun: unknown, asked: unknown])[] = [
    ['into', recipe.shares, into],
    ['column', recipe.column, column],
    ['groupBy', recipe.groupBy, groupBy],
    ['stratify', recipe.stratify, stratify ?? recipe.stratify], // by default it follows from the targets
    ['seed', recipe.seed, seed],
  ];
  const different = pairs.filter(([, begun, asked]) => JSON.stringify(begun) !== JSON.stringify(asked));
  if (different.length === 0) return;
  const told = (side: 1 | 2) =>
    different.map((pair) => `${pair[0]}: ${JSON.stringify(pair[side]) ?? 'none'}`).join(', ');
  throw new ConfigError({
    expected: `the split that the run was begun with: ${told(1)}`,
    received: told(2),
    hint: `Go on with what it was begun with: polymodal resume ${directory}. For another run name another folder: --set directory=runs/other.`,
  });
}
