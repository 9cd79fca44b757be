import {
  type EncoderDefinition,
  encoderOfOne,
  type Features,
  inferenceContext,
  initialize,
  parseConfig,
  RandomKey,
  severalOf,
  uploadBatch,
} from '@polymodal/core';
import type { EncoderCase } from '../cases/encoder-case';
import { readingFeatures } from '../cases/given-features';
import { expectSameValues } from '../compare/expect-same-values';
import { keepValid } from '../compare/keep-valid';
import { readTensors, type Values } from '../compare/read-tensors';

/** How many values the rows of the batch have. */
const counts = [1, 3, 2];
const most = Math.max(...counts);

/**
 * In a slot with `several`, each value of a row gives the tokens that it gives alone, in their order and masked where there is none, and
 * the vector of the row is the mean of theirs.
 */
export async function severalValuesEqualAlone(subject: EncoderCase, definition: EncoderDefinition): Promise<void> {
  const several = severalOf(readingFeatures(definition, subject.processor), { most, ordered: true });
  const config = parseConfig(subject.schema, subject.config, subject.name);
  const processor = several.processor.create(config, { slot: 'subject', savedFile: () => undefined });
  const encoder = several.create(config, { slot: 'subject', hiddenSize: 16, processor });
  initialize(encoder, RandomKey.from(0).fold('several values'));
  const context = inferenceContext();
  const encode = (own: typeof encoder, features: Features) =>
    readTensors(() => {
      const size = Object.values(features)[0].shape[0];
      const rows = Int32Array.from({ length: size }, (_, row) => row);
      const { subject: input } = uploadBatch({
        size,
        modalities: { subject: { rows, features } },
        targets: {},
      }).modalities;
      const { tokens, mask, pooled } = own.encode(input, context);
      return { tokens: keepValid(tokens, mask), mask, pooled };
    });
  try {
    const lists = counts.map((count, row) =>
      Array.from({ length: count }, (_, index) => subject.rows[(row + index) % subject.rows.length]),
    );
    const rows: Features[] = [];
    for (const list of lists) rows.push(await processor.process(list, { training: false }));
    const single = await encode(encoderOfOne(encoder), subject.processor.collate(lists[0]));
    const one = await encode(encoder, processor.collate(rows.slice(0, 1)));
    expectSameValues(`${subject.name}, a single value against it without \`several\``, single, one, 0);
    const together = await encode(encoder, processor.collate(rows));
    for (const [row, list] of lists.entries()) {
      // Each as a row of its own; the others are there so that all are padded to one length.
      const alone = await encode(encoderOfOne(encoder), subject.processor.collate([...list, ...lists.flat()]));
      const claim = `${subject.name}, the ${list.length} values of row ${row} of a batch against each alone`;
      expectSameValues(claim, joined(alone, list.length), rowOf(together, row), subject.tolerance);
    }
  } finally {
    encoder.dispose();
  }
}

/** Whether it is not made of the encoder of one value. */
export function takesOneValue(subject: EncoderCase): boolean {
  const built = subject.build();
  try {
    return encoderOfOne(built.module) === built.module;
  } finally {
    built.dispose();
  }
}

/** The first few rows as those of one: tokens and masks side by side, with zeros for those that there are not, and the mean vector. */
function joined({ tokens, mask, pooled }: Values, count: number): Values {
  const sideBySide = ({ data, shape: [size, ...rest] }: Values[string]) => {
    const values = new Float32Array((most * data.length) / size);
    values.set(Array.from(data).slice(0, (count * data.length) / size));
    return { data: values, shape: [most * rest[0], ...rest.slice(1)] };
  };
  const width = pooled.shape[1];
  const mean = Float32Array.from({ length: width }, (_, d) => {
    const own = Array.from({ length: count }, (_, index) => pooled.data[index * width + d]);
    return own.reduce((sum, value) => sum + value, 0) / count;
  });
  return { tokens: sideBySide(tokens), mask: sideBySide(mask), pooled: { data: mean, shape: [width] } };
}

function rowOf(values: Values, row: number): Values {
  return Object.fromEntries(
    Object.entries(values).map(
      ([
        name,
        {
          data,
          shape: [size, ...rest],
        },
      ]) => {
        const width = data.length / size;
        return [name, { data: Array.from(data).slice(row * width, (row + 1) * width), shape: rest }];
      },
    ),
  );
}
