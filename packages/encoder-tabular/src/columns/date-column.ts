import { describeValue, SampleError } from '@polymodal/core';
import type { Column, Field, FieldDescription } from './column';
import { type LearnedScale, learnedScale, type NumberScale, scaled, scaleLearning } from './number-scale';

/** What of a date a model may see. */
export const dateParts = ['time', 'month', 'weekday', 'hour'] as const;

/** One of {@link dateParts}. */
export type DatePart = (typeof dateParts)[number];

const iso = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/;
const msPerDay = 86_400_000;

/**
 * Cells that are dates: when it was, as a number that is scaled, and what comes again, month, day of the week and hour, as categories
 * of UTC.
 */
export class DateColumn implements Column<Date, LearnedScale> {
  readonly fields: readonly Field[];
  readonly learned = learnedScale;

  constructor(
    readonly scale: NumberScale,
    readonly parts: readonly DatePart[],
  ) {
    this.fields = parts.map((part) => fieldOf[part]);
  }

  /** A time without a zone is one of UTC, so that no machine reads another date. */
  read(cell: unknown): Date {
    const date = typeof cell === 'string' && iso.test(cell.trim()) ? parsed(cell.trim()) : cell;
    if (date instanceof Date && !Number.isNaN(date.getTime())) return date;
    throw new SampleError({
      expected: 'a Date, or one in the form of ISO 8601: 2024-05-31, 2024-05-31T12:30 or 2024-05-31T12:30:00Z',
      received: describeValue(cell),
    });
  }

  learn() {
    const scale = scaleLearning(this.scale);
    return { add: (date: Date) => scale.add(days(date)), end: () => scale.end() };
  }

  values(date: Date, learned: LearnedScale): readonly number[] {
    const values: Record<DatePart, number> = {
      time: scaled(days(date), learned),
      month: date.getUTCMonth(),
      weekday: date.getUTCDay(),
      hour: date.getUTCHours(),
    };
    return this.parts.map((part) => values[part]);
  }

  describe(learned: LearnedScale): readonly FieldDescription[] {
    return this.parts.map((part) => {
      const field = fieldOf[part];
      if (field.kind === 'number') return { number: 'days since 1970', scale: learned };
      const codes = Object.fromEntries(Array.from({ length: field.size }, (_, code) => [code, code]));
      return { category: `${part} in UTC, from 0${part === 'weekday' ? ' for Sunday' : ''}`, codes };
    });
  }
}

const fieldOf: Readonly<Record<DatePart, Field>> = {
  time: { kind: 'number' },
  month: { kind: 'category', size: 12 },
  weekday: { kind: 'category', size: 7 },
  hour: { kind: 'category', size: 24 },
};

function parsed(text: string): Date {
  const instant = text.replace(' ', 'T');
  const hasZone = instant.length === 10 || /(Z|[+-]\d{2}:\d{2})$/.test(instant.slice(10));
  const date = new Date(hasZone ? instant : `${instant}Z`);
  const asked = Number(text.slice(8, 10));
  const isReal = new Date(`${text.slice(0, 10)}T00:00Z`).getUTCDate() === asked; // the 31st of April is the 1st of May to some
  return isReal ? date : new Date(Number.NaN);
}

function days(date: Date): number {
  return date.getTime() / msPerDay;
}
