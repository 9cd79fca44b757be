type Choices = readonly number[];

/**
 * A simpler list of choices that still fails. Choices are cut off at the end, set to 0 and left out, in ever smaller
 * blocks, and at last halved, as long as that keeps the failure. Leaving out moves what comes after to the front, so
 * that a failing element stays when an axis is shortened.
 *
 * @param attempts most lists to try
 */
export async function shrink(
  choices: Choices,
  fails: (choices: Choices) => Promise<boolean>,
  attempts = 600,
): Promise<Choices> {
  let best = choices;
  let left = attempts;
  const accept = async (candidate: Choices) => {
    if (isSame(candidate, best) || left-- <= 0 || !(await fails(candidate))) return false;
    best = candidate;
    return true;
  };
  for (let before: Choices | null = null; before !== best && left > 0; ) {
    before = best;
    for (let size = Math.ceil(best.length / 2); size >= 1 && left > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let start = 0; start < best.length; start += size) {
        const end = start + size;
        if (await accept(best.map((choice, i) => (i >= start && i < end ? 0 : choice)))) continue;
        if (await accept([...best.slice(0, start), ...best.slice(end)])) start -= size;
      }
    }
  }
  for (let i = 0; i < best.length; i++) {
    while (best[i]! > 0.05 && (await accept(best.map((choice, j) => (j === i ? choice / 2 : choice)))));
  }
  return best;
}

/** Zeros at the end do not count: they are what missing choices are. */
function isSame(a: Choices, b: Choices): boolean {
  const length = Math.max(a.length, b.length);
  return Array.from({ length }, (_, i) => i).every((i) => (a[i] ?? 0) === (b[i] ?? 0));
}
