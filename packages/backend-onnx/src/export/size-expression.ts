/**
 * A size as an integer polynomial of named sizes, each to the first power at most: 4 · batch · sequence + batch + 1.
 * Bit i of a coefficient's position says whether the i-th name is a factor of its term.
 */
export type SizeExpression = readonly number[];

/** Sizes at which a function is traced: every combination of the two of each name, and one more combination to check. */
export interface SizeGrid {
  readonly names: readonly string[];
  /** Of each name: two sizes that expressions are fitted at, and one that they are checked at. */
  readonly sizes: readonly (readonly [number, number, number])[];
}

/** The combinations of a grid, in the order that {@link fitSize} wants: those to fit at, then the one to check. */
export function combinationsOf({ names, sizes }: SizeGrid): Record<string, number>[] {
  const combination = (pick: (i: number) => number) =>
    Object.fromEntries(names.map((name, i) => [name, sizes[i]![pick(i)]!]));
  const fitted = Array.from({ length: 2 ** names.length }, (_, bits) => combination((i) => (bits >> i) & 1));
  return names.length === 0 ? fitted : [...fitted, combination(() => 2)];
}

/** The expression with these values at the grid's combinations; null if there is none. */
export function fitSize({ names, sizes }: SizeGrid, values: readonly number[]): SizeExpression | null {
  const coefficients = values.slice(0, 2 ** names.length);
  if (values.every((value) => Object.is(value, values[0]))) return coefficients.fill(0, 1);
  names.forEach((_, i) => {
    const [first, second] = sizes[i]!;
    for (let bits = 0; bits < coefficients.length; bits++) {
      if ((bits >> i) & 1) continue;
      const other = bits | (1 << i);
      const slope = (coefficients[other]! - coefficients[bits]!) / (second - first);
      coefficients[bits] = coefficients[bits]! - slope * first;
      coefficients[other] = slope;
    }
  });
  if (!coefficients.every(Number.isSafeInteger)) return null;
  const checked = evaluate(
    coefficients,
    sizes.map(([, , check]) => check),
  );
  return checked === values.at(-1) ? coefficients : null;
}

/** True if the expression is one number, whatever the sizes are. */
export function isConstant(expression: SizeExpression): boolean {
  return expression.every((coefficient, bits) => bits === 0 || coefficient === 0);
}

/** True if two expressions of one grid are the same. */
export function equalSizes(a: SizeExpression, b: SizeExpression): boolean {
  return a.every((coefficient, bits) => coefficient === b[bits]);
}

/** The expression in words: a number where it is constant. */
export function sizeText(expression: SizeExpression, names: readonly string[]): number | string {
  if (isConstant(expression)) return expression[0]!;
  const terms = expression.flatMap((coefficient, bits) => {
    if (coefficient === 0) return [];
    const factors = names.filter((_, i) => (bits >> i) & 1);
    return [coefficient === 1 && bits > 0 ? factors.join('*') : [coefficient, ...factors].join('*')];
  });
  return terms.reverse().join(' + ');
}

/** The size that an expression is at sizes of the names. */
export function evaluate(expression: SizeExpression, sizes: readonly number[]): number {
  return expression.reduce(
    (sum, coefficient, bits) =>
      sum + sizes.reduce((term, size, i) => ((bits >> i) & 1 ? term * size : term), coefficient),
    0,
  );
}
