/** Linear scores of classes. */
export interface LinearClassifier {
  /** (C), the score of each class for a row of features. */
  scores(row: ArrayLike<number>): number[];
}

/**
 * Ridge regression of the signs of classes (1 for a row's own, −1 for others), solved exactly: scikit-learn's `RidgeClassifier` over what
 * `StandardScaler` gives.
 *
 * @param rows    (N) of D features each
 * @param classes (N) from 0 to count − 1
 * @param penalty of the squares of weights
 */
export function ridgeClassifier(
  rows: readonly ArrayLike<number>[],
  classes: readonly number[],
  count: number,
  penalty = 1,
): LinearClassifier {
  const width = rows[0].length;
  const columns = Array.from({ length: width }, (_, column) => Float64Array.from(rows, (row) => row[column]));
  const means = columns.map(meanOf);
  const scales = columns.map((own, column) => {
    const deviation = Math.sqrt(meanOf(own.map((value) => (value - means[column]) ** 2)));
    return deviation > 0 ? deviation : 1;
  });
  const scaled = columns.map((own, column) => own.map((value) => (value - means[column]) / scales[column]));
  const gram = scaled.map((a, i) => scaled.map((b, j) => dot(a, b) + (i === j ? penalty : 0)));
  const signs = Array.from({ length: count }, (_, label) =>
    Float64Array.from(classes, (own) => (own === label ? 1 : -1)),
  );
  const solve = choleskySolver(gram);
  const planes = signs.map((own) => {
    const intercept = meanOf(own);
    const weights = solve(scaled.map((column) => dot(column, own))); // columns are centred, so the signs need not be
    return { intercept, weights };
  });
  return {
    scores: (row) =>
      planes.map(({ intercept, weights }) =>
        weights.reduce(
          (sum, weight, column) => sum + (weight * (row[column] - means[column])) / scales[column],
          intercept,
        ),
      ),
  };
}

/** Solves A x = b for symmetric positive definite A. */
function choleskySolver(matrix: readonly (readonly number[])[]): (b: readonly number[]) => number[] {
  const size = matrix.length;
  const lower = matrix.map(() => new Float64Array(size));
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i][j];
      for (let k = 0; k < j; k++) sum -= lower[i][k] * lower[j][k];
      lower[i][j] = i === j ? Math.sqrt(sum) : sum / lower[j][j];
    }
  }
  return (b) => {
    const x = [...b];
    for (let i = 0; i < size; i++) {
      for (let k = 0; k < i; k++) x[i] -= lower[i][k] * x[k];
      x[i] /= lower[i][i];
    }
    for (let i = size - 1; i >= 0; i--) {
      for (let k = i + 1; k < size; k++) x[i] -= lower[k][i] * x[k];
      x[i] /= lower[i][i];
    }
    return x;
  };
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, own) => sum + own, 0) / values.length;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
