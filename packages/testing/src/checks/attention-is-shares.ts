import { type AttendedTokens, collateSamples, inferenceContext, type PreparedSample } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { BuiltFusion, FusionCase } from '../cases/fusion-case';
import { ConformanceError } from '../conformance-error';

/** What a fusion tells of attention, as plain numbers: of each row the share that each query gives to a slot as a whole. */
interface Told extends Omit<AttendedTokens, 'weights'> {
  /** By row, then by query. */
  readonly shares: readonly (readonly number[])[];
}

/** Whether a fusion tells which tokens it attends to. */
export function tellsAttention(subject: FusionCase): boolean {
  const built = subject.build();
  try {
    return attentionOf(subject, built, subject.samples).length > 0;
  } finally {
    built.dispose();
  }
}

/**
 * What a fusion tells of its attention are shares: from 0 to 1, to 1 at most over all slots that a query attends to at a place, 0 where the row
 * lacks one of the two slots, and what the row alone gives.
 */
export function attentionIsShares(subject: FusionCase): void {
  const built = subject.build();
  try {
    const together = attentionOf(subject, built, subject.samples);
    for (const [row, sample] of subject.samples.entries()) {
      const slots = Object.keys(sample.features);
      const where = `${subject.name}, attention in a row with ${slots.join(' and ')}`;
      const isThere = ({ query, slot }: Told) => slots.includes(slot) && (query === undefined || slots.includes(query));
      const sums = new Map<string, number[]>();
      for (const told of together) {
        const own = told.shares[row];
        const name = `${told.place}, of ${told.query ?? 'its own tokens'} to ${told.slot}`;
        if (own === undefined) fail(where, `a row of each in ${name}`, `${told.shares.length}`);
        if (own.some((share) => !(share >= 0))) fail(where, `shares from 0 to 1 in ${name}`, `${own}`);
        if (!isThere(told) && own.some((share) => share !== 0)) fail(where, `0 in ${name}, which it lacks`, `${own}`);
        const key = `${told.place}, of ${told.query ?? 'its own tokens'}`;
        sums.set(
          key,
          own.map((share, query) => share + (sums.get(key)?.[query] ?? 0)),
        );
      }
      for (const [key, own] of sums) {
        const most = Math.max(...own);
        if (most > 1 + subject.tolerance) fail(where, `shares to 1 at most in ${key}`, `${most}`);
      }
      const inCompany = together.filter(isThere);
      const alone = attentionOf(subject, built, [sample]).filter(isThere);
      if (alone.length !== inCompany.length) fail(where, `${alone.length} maps, as alone`, `${inCompany.length}`);
      for (const [index, told] of alone.entries()) {
        const other = inCompany[index].shares[row];
        told.shares[0].forEach((share, query) => {
          if (Math.abs(share - other[query]) <= subject.tolerance) return;
          fail(where, `${share} in ${told.place} to ${told.slot}, as alone`, `${other[query]}`);
        });
      }
    }
  } finally {
    built.dispose();
  }
}

function attentionOf(subject: FusionCase, built: BuiltFusion, samples: readonly PreparedSample[]): Told[] {
  const told: Told[] = [];
  const tellAttention = ({ weights, ...own }: AttendedTokens) => {
    told.push({ ...own, shares: tf.sum<tf.Tensor2D>(weights, 2).arraySync() });
  };
  tf.tidy(() => {
    built.fuse(collateSamples(subject, samples), inferenceContext({ tellAttention }));
  });
  return told;
}

function fail(where: string, expected: string, received: string): never {
  throw new ConformanceError({ where, expected, received });
}
