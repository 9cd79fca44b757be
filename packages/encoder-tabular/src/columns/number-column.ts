import { describeValue, SampleError } from '@polymodal/core';
import type { Column, FieldDescription } from './column';
import { type LearnedScale, learnedScale, type NumberScale, scaled, scaleLearning } from './number-scale';

/** A number as CSV files write it. */
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Cells that are numbers, or say them in digits. */
export class NumberColumn implements Column<number, LearnedScale> {
  readonly fields = [{ kind: 'number' }] as const;
  readonly learned = learnedScale;

  constructor(readonly scale: NumberScale) {}

  read(cell: unknown): number {
    const number = typeof cell === 'string' && decimal.test(cell.trim()) ? Number(cell) : cell;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
    throw new SampleError({
      expected: 'a finite number, or one in digits, as -12.5 or 3e4',
      received: describeValue(cell),
      hint: 'A cell without a value is null. Name what stands for one in your data: missing: ["", "NA"].',
    });
  }

  learn() {
    return scaleLearning(this.scale);
  }

  values(value: number, learned: LearnedScale): readonly number[] {
    return [scaled(value, learned)];
  }

  describe(learned: LearnedScale): readonly FieldDescription[] {
    return [{ number: 'value', scale: learned }];
  }
}
