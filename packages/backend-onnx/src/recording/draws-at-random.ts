/** Runs something, and says whether it drew from `Math.random` meanwhile: what went by that goes another way the next time. */
export function drawsAtRandom(run: () => void): boolean {
  const { random } = Math;
  let drawn = false;
  Math.random = () => {
    drawn = true;
    return random();
  };
  try {
    run();
  } finally {
    Math.random = random;
  }
  return drawn;
}
