import type { HeadCase } from '../cases/head-case';
import { ConformanceError } from '../conformance-error';

/** The targets that a head learns from bear the names that it tells, and pass its own check: training refuses others. */
export function targetsAreThoseDeclared({ build, samples, name }: HeadCase): void {
  const built = build();
  try {
    const { module: head } = built;
    for (const { targets = {} } of samples) {
      const other = Object.keys(targets).find((own) => head.targetNames && !head.targetNames.includes(own));
      if (other !== undefined) {
        const expected = `"${other}", under which it learns`;
        throw new ConformanceError({
          where: `${name}, targetNames`,
          expected,
          received: `${head.targetNames}` || 'none',
        });
      }
      check(() => head.checkTargets?.(targets), name);
    }
  } finally {
    built.dispose();
  }
}

function check(checkTargets: () => void, name: string): void {
  try {
    checkTargets();
  } catch (error) {
    throw new ConformanceError({
      where: `${name}, checkTargets`,
      expected: 'no error for targets that it learns from',
      received: (error as Error).message,
    });
  }
}
