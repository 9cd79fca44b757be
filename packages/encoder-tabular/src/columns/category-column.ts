import { describeValue, SampleError, suggestNames } from '@polymodal/core';
import { z } from 'zod';
import type { Column, ColumnLearning, Field, FieldDescription } from './column';

/** Different categories that are counted while a column is learned: more are no categories. */
const mostCounted = 1_000_000;

/** How a column of categories is read. */
export interface CategoryColumnOptions {
  /** Those that may be told apart; left out, any that the training data have. */
  readonly values?: readonly string[] | undefined;
  /** How many at most are told apart. */
  readonly most: number;
  /** How often at least one occurs in the training data that is told apart. */
  readonly minCount: number;
  /** Whether one that is not known goes into the bucket, or is refused. */
  readonly unknown: 'other' | 'refuse';
}

const learned = z.strictObject({
  /** Those that are told apart. */
  categories: z.array(z.string()),
  /** Whether there were others in training, so that the bucket means something. */
  others: z.boolean(),
});

type LearnedCategories = z.output<typeof learned>;

/**
 * Cells that name one of several categories. Index 0 is the bucket for all others: those that are rarer in training than `minCount`, or
 * beyond the `most` frequent ones, teach what it means, and what was never seen goes there too. Where training had no such, the
 * bucket means nothing, and a category that is not known takes no part, as an empty cell.
 */
export class CategoryColumn implements Column<string, LearnedCategories> {
  readonly fields: readonly Field[];
  readonly learned = learned;
  readonly #options: CategoryColumnOptions;
  /** Of what was learned last, since there is one. */
  #indices: { readonly of: LearnedCategories; readonly map: ReadonlyMap<string, number> } | undefined;

  constructor(options: CategoryColumnOptions) {
    this.#options = options;
    this.fields = [{ kind: 'category', size: 1 + (options.values?.length ?? options.most) }];
  }

  read(cell: unknown): string {
    const isNamed = typeof cell === 'string' || typeof cell === 'boolean' || Number.isFinite(cell);
    if (!isNamed) {
      const expected = 'a category: a string, a number, or true or false';
      throw new SampleError({ expected, received: describeValue(cell) });
    }
    const category = String(cell);
    const { values, unknown } = this.#options;
    if (values && unknown === 'refuse' && !values.includes(category)) throw unknownCategory(category, values);
    return category;
  }

  learn(): ColumnLearning<string, LearnedCategories> {
    return new CategoryLearning(this.#options);
  }

  values(category: string, learned: LearnedCategories): readonly number[] | undefined {
    const index = this.#indicesOf(learned).get(category);
    if (index !== undefined) return [1 + index];
    const { values, unknown } = this.#options;
    if (!values && unknown === 'refuse') throw unknownCategory(category, learned.categories);
    return learned.others ? [0] : undefined;
  }

  describe({ categories, others }: LearnedCategories): readonly FieldDescription[] {
    const codes = Object.fromEntries(categories.map((category, index) => [category, 1 + index]));
    return [{ category: 'value', codes, otherwise: others ? 0 : null }];
  }

  isUnfamiliar(category: string, learned: LearnedCategories): boolean {
    return !this.#indicesOf(learned).has(category);
  }

  #indicesOf(learned: LearnedCategories): ReadonlyMap<string, number> {
    if (this.#indices?.of !== learned) {
      this.#indices = { of: learned, map: new Map(learned.categories.map((category, index) => [category, index])) };
    }
    return this.#indices.map;
  }
}

/** Counts categories. */
class CategoryLearning implements ColumnLearning<string, LearnedCategories> {
  readonly #counts = new Map<string, number>();

  constructor(readonly options: CategoryColumnOptions) {}

  add(category: string): void {
    this.#counts.set(category, (this.#counts.get(category) ?? 0) + 1);
    if (this.#counts.size <= mostCounted) return;
    throw new SampleError({
      expected: `at most ${mostCounted} different categories`,
      received: 'more',
      hint: 'What hardly ever occurs twice, such as a name, is a text: give it a slot of its own with @polymodal/encoder-text.',
    });
  }

  end(): LearnedCategories | undefined {
    if (this.#counts.size === 0) return undefined;
    const { values, most, minCount } = this.options;
    const counts = [...this.#counts].filter(([, count]) => count >= minCount);
    const categories = counts
      .filter(([category]) => !values || values.includes(category))
      .sort(([a, countOfA], [b, countOfB]) => countOfB - countOfA || (a < b ? -1 : 1))
      .slice(0, values ? values.length : most)
      .map(([category]) => category);
    const known = new Set(categories);
    return { categories, others: [...this.#counts.keys()].some((category) => !known.has(category)) };
  }
}

function unknownCategory(category: string, known: readonly string[]): SampleError {
  const hint = suggestNames(category, known);
  return new SampleError({ expected: 'a known category', received: describeValue(category), hint });
}
