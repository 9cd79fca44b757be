/**
 * A simpler list of choices that still fails: choices are cut off, set to 0 in ever smaller blocks, and halved, as
 * long as that keeps the failure.
 *
 * @param attempts most lists to try
 */
export async function shrink(
  choices: readonly number[],
  fails: (choices: readonly number[]) => Promise<boolean>,
  attempts = 300,
): Promise<readonly number[]> {
  let best = choices;
  let left = attempts;
  const accept = async (candidate: readonly number[]) => {
    if (left-- <= 0 || !(await fails(candidate))) return false;
    best = candidate;
    return true;
  };
  for (let size = Math.ceil(best.length / 2); size >= 1 && left > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < best.length && left > 0; start += size) {
      const end = start + size;
      if (end >= best.length && (await accept(best.slice(0, start)))) break;
      if (best.slice(start, end).some((choice) => choice !== 0)) {
        await accept(best.map((choice, i) => (i >= start && i < end ? 0 : choice)));
      }
    }
  }
  for (let i = 0; i < best.length && left > 0; i++) {
    while (best[i]! > 0.05 && (await accept(best.map((choice, j) => (j === i ? choice / 2 : choice)))));
  }
  return best;
}
