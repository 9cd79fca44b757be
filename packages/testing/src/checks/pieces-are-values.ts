import { type Divided, type DividingProcessor, isDividing, type Processor } from '@polymodal/core';
import { type ProcessorCase, rowsByFixed } from '../cases/processor-case';
import { expectFeatures, featureTypes } from '../compare/expect-features';
import { expectSameValues } from '../compare/expect-same-values';
import { ConformanceError } from '../conformance-error';
import { badRawValuesAreRefused } from './bad-raw-values-are-refused';
import { processorsMakeNoTensor } from './processors-make-no-tensor';

/** Why pieces are not tried; `undefined` where a processor divides values. */
export function withoutPieces(processor: Processor): string | undefined {
  return isDividing(processor) ? undefined : 'its processor has no divide(): a value is one value';
}

/**
 * What a value is divided into are values as `process` makes them, of one kind, so that they are collated together; as many as lie in the
 * grid at least, and the same each time. What cannot be read is refused as by `process`.
 */
export async function piecesAreValues(subject: ProcessorCase): Promise<void> {
  const { name, samples } = subject;
  const processor = subject.processor as DividingProcessor;
  for (const [index, raw] of samples.entries()) {
    const where = `${name}, sample ${index}, divided`;
    const divided = await processor.divide(raw, { training: false });
    checkGrid(where, divided);
    const { values } = divided;
    const whole = await processor.process(raw, { training: false });
    for (const [piece, features] of values.entries()) {
      expectFeatures(`${where}, piece ${piece}`, features);
      const [expected, received] = [whole, features].map(featureTypes);
      if (expected !== received) fail(`${where}, features of piece ${piece}`, expected, received);
    }
    const kinds = rowsByFixed(processor, values).length;
    if (kinds > 1) fail(where, 'pieces that agree in what cannot be padded', `pieces of ${kinds} kinds`);
    for (const [feature, { shape }] of Object.entries(processor.collate(values))) {
      if (shape[0] !== values.length)
        fail(`${where}, feature ${feature}`, `${values.length} rows collated`, String(shape[0]));
    }
    const again = await processor.divide(raw, { training: false });
    if (String(again.grid) !== String(divided.grid) || again.values.length !== values.length) {
      fail(
        `${where} again`,
        `${values.length} pieces, ${divided.grid}`,
        `${again.values.length} pieces, ${again.grid}`,
      );
    }
    for (const [piece, features] of values.entries()) {
      expectSameValues(`${where} again, piece ${piece}`, features, again.values[piece], 0);
    }
  }
  const firstPieces = Object.assign(Object.create(processor) as Processor, {
    process: async (...given: Parameters<DividingProcessor['divide']>) => (await processor.divide(...given)).values[0],
  });
  await badRawValuesAreRefused({ ...subject, name: `${name}, divide()`, processor: firstPieces });
  await processorsMakeNoTensor({ ...subject, name: `${name}, divide()`, processor: firstPieces });
}

function checkGrid(where: string, { values, grid }: Divided): void {
  const [rows, columns] = grid;
  const isGrid = [rows, columns].every((side) => Number.isSafeInteger(side) && side >= 0);
  if (values.length > 0 && isGrid && rows * columns <= values.length) return;
  const expected = 'at least one value, and a grid of rows and columns that holds no more of them';
  fail(where, expected, `${values.length} in a grid of ${rows} × ${columns}`);
}

function fail(where: string, expected: string, received: string): never {
  throw new ConformanceError({ where, expected, received });
}
