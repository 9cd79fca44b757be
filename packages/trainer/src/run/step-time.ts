/** Where the seconds of steps went. */
export interface StepTime {
  /** In waiting for the features of the next batch, with nothing to compute. */
  readonly waited: number;
  /** In computing. */
  readonly computed: number;
}

export const noTime: StepTime = { waited: 0, computed: 0 };

export function addTime(a: StepTime, b: StepTime): StepTime {
  return { waited: a.waited + b.waited, computed: a.computed + b.computed };
}

/** Which share of the time went by in waiting for data, from 0 to 1. */
export function dataWait({ waited, computed }: StepTime): number {
  return waited / Math.max(waited + computed, 1e-9);
}

/**
 * For the terminal and the report.
 *
 * @param share from 0 to 1
 * @param of    which time it is of, where nothing beside it says so: `of the epoch`
 */
export function describeWait(share: number, of?: string): string {
  return [`${Number((100 * share).toPrecision(2))} %`, of, 'waiting for data'].filter(Boolean).join(' ');
}
