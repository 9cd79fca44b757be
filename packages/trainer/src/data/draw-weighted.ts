/**
 * Draws from a list as often as weights say, by systematic sampling: each item comes as often as its share of the weights asks for, rounded down or
 * up, and by which of them is decided by one number for all.
 *
 * @param weights one for each item, above 0
 * @param count   how many are drawn
 * @param offset  from 0 up to 1
 */
export function drawWeighted<Item>(
  items: readonly Item[],
  weights: readonly number[],
  count: number,
  offset: number,
): Item[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const drawn: Item[] = [];
  let reached = 0;
  items.forEach((item, index) => {
    reached += weights[index];
    const isLast = index === items.length - 1;
    const until = isLast ? count : Math.ceil((reached / total) * count - offset);
    while (drawn.length < Math.min(until, count)) drawn.push(item);
  });
  return drawn;
}
