import { describeValue, SampleError } from '@polymodal/core';
import { z } from 'zod';
import type { Column, ColumnLearning, FieldDescription } from './column';

const learned = z.strictObject({});
type Nothing = z.output<typeof learned>;

const words: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  ...([true, 1, '1', 'true', 'yes', 't', 'y'] as const).map((word) => [word, true] as const),
  ...([false, 0, '0', 'false', 'no', 'f', 'n'] as const).map((word) => [word, false] as const),
]);

/** Cells that say yes or no. */
export class FlagColumn implements Column<boolean, Nothing> {
  readonly fields = [{ kind: 'category', size: 2 }] as const;
  readonly learned = learned;

  read(cell: unknown): boolean {
    const flag = words.get(typeof cell === 'string' ? cell.trim().toLowerCase() : cell);
    if (flag !== undefined) return flag;
    const expected = 'true or false, 1 or 0, or a word for it: true, false, yes, no, t, f, y, n';
    throw new SampleError({ expected, received: describeValue(cell) });
  }

  /** Nothing is to be learned of flags but whether there are any. */
  learn(): ColumnLearning<boolean, Nothing> {
    let seen = false;
    return {
      add() {
        seen = true;
      },
      end: () => (seen ? {} : undefined),
    };
  }

  values(value: boolean): readonly number[] {
    return [Number(value)];
  }

  describe(): readonly FieldDescription[] {
    return [{ category: 'value', codes: { false: 0, true: 1 } }];
  }
}
