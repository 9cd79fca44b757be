import { describeValue } from './describe-value';
import { ShapeError, UnknownNameError } from './errors';
import { suggestNames } from './nearest-names';
import { isRecord, requireArgument } from './require-argument';

/** Lengths by name. */
export type Lengths<Name extends string = string> = Readonly<Record<Name, number>>;

/** What decides the shape of a row's features, once they are collated. */
export interface FeatureShape<Name extends string = string> {
  /** What must be equal in a batch, the sides of a picture say. Left out where all rows are alike. */
  readonly fixed?: string | readonly (string | number)[];
  /** What may be padded up to a common length, tokens say, each already rounded up to its bucket. */
  readonly lengths?: Lengths<Name>;
}

/**
 * The lengths that rows are collated to: those asked for, and the largest of the rows where none is.
 *
 * ```ts
 * commonLengths([{ lengths: { tokens: 16 } }, { lengths: { tokens: 48 } }]); // { tokens: 48 }
 * commonLengths([{ lengths: { tokens: 16 } }], { tokens: 64 }); // { tokens: 64 }
 * ```
 *
 * @param shapes of the rows, as `Processor.shape` gives them
 * @throws ShapeError for rows that cannot share a batch, or one that is longer than asked
 * @throws UnknownNameError for a length that the rows do not have
 */
export function commonLengths<Name extends string>(
  shapes: readonly FeatureShape<Name>[],
  asked: Lengths = {},
): Record<Name, number> {
  const areShapes = Array.isArray(shapes) && shapes.every(isRecord);
  requireArgument(areShapes, 'commonLengths', 'the shape of each row, as Processor.shape gives it', shapes);
  requireSameFixed(shapes);
  const common = {} as Record<string, number>;
  for (const { lengths = {} } of shapes) {
    for (const [name, length] of Object.entries<number>(lengths)) common[name] = Math.max(common[name] ?? 0, length);
  }
  for (const [name, length] of Object.entries(asked)) {
    requireRoom(name, common[name], length, Object.keys(common));
    common[name] = length;
  }
  return common;
}

function requireSameFixed(shapes: readonly FeatureShape[]): void {
  const [expected, ...received] = shapes.map(({ fixed }) => JSON.stringify(fixed) ?? 'nothing');
  const odd = received.find((own) => own !== expected);
  if (odd === undefined) return;
  throw new ShapeError({
    where: 'features',
    expected: `rows that agree in what cannot be padded, ${expected} as the first`,
    received: odd,
    hint: 'Put them into batches of their own (see `shape` of their processor).',
  });
}

function requireRoom(name: string, needed: number | undefined, asked: number, known: readonly string[]): void {
  if (needed === undefined) {
    throw new UnknownNameError({
      where: `lengths.${name}`,
      expected: 'a length that the features have',
      received: describeValue(name),
      hint: suggestNames(name, known),
    });
  }
  if (Number.isSafeInteger(asked) && asked >= needed) return;
  throw new ShapeError({
    where: `lengths.${name}`,
    expected: `at least ${needed}, as long as the longest row`,
    received: describeValue(asked),
  });
}
