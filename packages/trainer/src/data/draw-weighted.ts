/**
 * How often each of a list of items is drawn, by systematic sampling: as its share of the weights asks for, rounded down or up, and so is every run
 * of items that follow one another. By which of them is decided by one number for all.
 *
 * @param weights one for each item, above 0
 * @param count   how many are drawn
 * @param offset  from 0 up to 1
 */
export function drawWeighted(weights: readonly number[], count: number, offset: number): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let [reached, drawn] = [0, 0];
  return weights.map((weight, index) => {
    reached += weight;
    const isLast = index === weights.length - 1;
    const until = isLast ? count : Math.min(count, Math.ceil((reached / total) * count - offset));
    const times = Math.max(0, until - drawn);
    drawn += times;
    return times;
  });
}
