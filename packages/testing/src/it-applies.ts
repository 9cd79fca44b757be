import { it } from 'vitest';

/**
 * A test of something that a part may declare and need not. Where it does not, the test is skipped, and it is printed why: nothing
 * passes because there was nothing to look at.
 *
 * @param why why the test does not apply; `undefined` where it does
 */
export function itApplies(claim: string, why: () => string | undefined, check: () => unknown): void {
  it(claim, async (context) => {
    const reason = why();
    if (reason === undefined) {
      await check();
      return;
    }
    const subject = context.task.suite?.name ?? 'the part';
    process.stderr.write(`${subject}: "${claim}" does not apply, since ${reason}\n`); // past a runner that hides the console
    context.skip(reason);
  });
}
