import {
  addCounts,
  collateSamples,
  inferenceContext,
  type PresentRows,
  presentRows,
  uploadBatch,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { BuiltHead, HeadCase } from '../cases/head-case';
import { ConformanceError } from '../conformance-error';

/**
 * Counts and sums of two batches add up to those of one with the rows of both; of a head that compares rows, those over its joined rows are
 * equal. So gradients of several batches are those of a large one.
 */
export async function lossesAddUpOverBatches(subject: HeadCase): Promise<void> {
  const { name, headName, samples, tolerance } = subject;
  const built = subject.build();
  const middle = Math.ceil(samples.length / 2);
  const parts = [samples.slice(0, middle), samples.slice(middle)].map((own) => collateSamples(subject, own));
  const whole = collateSamples(subject, samples);
  try {
    tf.tidy(() => {
      const expected = built.learn(whole, inferenceContext()).terms;
      const passes = parts.map((part) => built.learn(part, inferenceContext()));
      const { comparesRows } = built.module;
      const { targets, ...known } = uploadBatch(whole);
      const joined = () => {
        const present = presentRows(known);
        const output = joinedOutput(
          built,
          passes.map(({ output: own }) => own),
          present,
        );
        return Object.entries(built.module.loss(targets[headName], present)).map(
          ([term, own]) => [term, own.count, own.sum(output, inferenceContext())] as const,
        );
      };
      const counts = addCounts(passes.map(({ terms }) => ({ [headName]: terms })))[headName] ?? {};
      const added = () =>
        Object.entries(counts).map(([term, { count }]) => {
          const sums = passes.flatMap(({ terms }) => (terms[term] ? [terms[term].sum] : []));
          return [term, count, tf.addN(sums)] as const;
        });
      for (const [term, count, sum] of comparesRows ? joined() : added()) {
        const own = expected[term];
        const [got, wanted] = [sum.dataSync()[0], own?.sum.dataSync()[0] ?? 0];
        if (
          Math.abs(count - (own?.count ?? 0)) < 1e-6 &&
          Math.abs(got - wanted) <= tolerance * Math.max(1, Math.abs(wanted))
        )
          continue;
        throw new ConformanceError({
          where: `${name}, loss().${term}, of two batches`,
          expected: `what it is of one batch of their rows: count ${own?.count}, sum ${wanted}`,
          received: `count ${count}, sum ${got}`,
          hint: comparesRows
            ? 'joinedOutput() of the rowTensors() of several batches is the output of one large batch.'
            : 'Sum over what is counted, or say that the head compares rows (comparesRows).',
        });
      }
    });
  } finally {
    built.dispose();
  }
}

function joinedOutput({ module }: BuiltHead, outputs: readonly unknown[], present: PresentRows): unknown {
  const rows = outputs.map((own) => module.rowTensors!(own));
  const names = [...new Set(rows.flatMap((own) => Object.keys(own)))];
  const joined = names.map((own) => [own, tf.concat(rows.flatMap((part) => (part[own] ? [part[own]] : [])))]);
  return module.joinedOutput!(Object.fromEntries(joined), present);
}
