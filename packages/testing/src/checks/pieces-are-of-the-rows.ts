import { collateSamples, inferenceContext } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { HeadCase } from '../cases/head-case';
import { expectSamePlainData } from '../compare/expect-same-plain-data';
import { ConformanceError } from '../conformance-error';

/**
 * A head that produces its answer step by step tells for each row of a batch the pieces that it tells for the row alone, in the same
 * order, and frees what it holds when nobody wants the rest.
 */
export async function piecesAreOfTheRows(subject: HeadCase): Promise<void> {
  const { samples, name, tolerance } = subject;
  const built = subject.build();
  const context = inferenceContext();
  try {
    const together = await built.pieces(collateSamples(subject, samples), context);
    const stray = together.find(({ row }) => !Number.isInteger(row) || row < 0 || row >= samples.length);
    if (stray) throw unlike(subject, `rows from 0 to ${samples.length - 1}`, `a piece for row ${stray.row}`);
    for (const [row, sample] of samples.entries()) {
      const alone = await built.pieces(collateSamples(subject, [sample]), context);
      const ofRow = together.filter((piece) => piece.row === row);
      const claim = `${name}, pieces of row ${row} against the row alone`;
      expectSamePlainData(
        claim,
        alone.map(({ piece }) => piece),
        ofRow.map(({ piece }) => piece),
        tolerance,
      );
    }
    await built.pieces(collateSamples(subject, samples), context, 1);
    const before = tf.memory().numTensors;
    await built.pieces(collateSamples(subject, samples), context, 1);
    const left = tf.memory().numTensors - before;
    if (left > 0)
      throw unlike(subject, 'no tensor to be left when it is left after a piece', `${left} more than before`);
  } finally {
    built.dispose();
  }
}

function unlike({ name }: HeadCase, expected: string, received: string): ConformanceError {
  return new ConformanceError({ where: `${name}, produce()`, expected, received });
}
