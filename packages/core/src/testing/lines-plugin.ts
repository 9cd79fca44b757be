import { z } from 'zod';
import type { DocumentPart, Interleaved, InterleavingProcessor } from '../document/interleaving-processor';
import { collatePlaces, type PlaceFeatures } from '../document/place-features';
import { SampleError } from '../errors';
import type { Lengths } from '../feature-shape';
import { hostTensor } from '../features';
import { defineEncoder, definePlugin, defineProcessor } from '../plugin';
import type { ProcessContext } from '../processor';
import { NumbersEncoder, type NumbersFeatures, NumbersProcessor, type NumbersRow } from './test-parts';

/** Reads documents too, with a 0 at each place for each piece that stands there, and of a long one as many numbers as it may have. */
class LinesProcessor extends NumbersProcessor implements InterleavingProcessor<number[]> {
  override readonly lengthAxes = {
    values: { 1: 'length' },
    mask: { 1: 'length' },
    placeSlot: { 1: 'length' },
    placeValue: { 1: 'length' },
  };

  constructor(readonly maxLength: number) {
    super(1, undefined);
  }

  interleave(parts: readonly DocumentPart<number[]>[], context: ProcessContext): Interleaved {
    let place = 0;
    const elements = parts.flatMap((part) => {
      if (part.kind === 'place') {
        const element = { value: 0, place: place++ };
        return Array.from({ length: part.pieces?.count ?? 1 }, () => element);
      }
      try {
        return Array.from(this.process(part.raw, context).values.data, (value) => ({ value, place: -1 }));
      } catch (error) {
        throw SampleError.isInstance(error) ? error.at(part.where) : error;
      }
    });
    const kept = elements.slice(0, this.maxLength);
    return {
      features: {
        values: hostTensor(
          Float32Array.from(kept, ({ value }) => value),
          [kept.length],
        ),
      },
      places: Int32Array.from(kept, (element) => element.place),
    };
  }

  override collate(rows: readonly NumbersRow[], lengths?: Lengths): NumbersFeatures & PlaceFeatures {
    const features = super.collate(rows, lengths);
    return { ...features, ...collatePlaces(rows, features.values.shape[1]) };
  }
}

/** The encoder `lines`, whose slots take documents; beside the parts of `numbersPlugin`. */
export const linesPlugin = definePlugin({
  name: 'lines',
  specificationVersion: 'v1',
  encoders: [
    defineEncoder({
      name: 'lines',
      modality: 'numbers',
      processor: defineProcessor({
        config: z.object({ maxLength: z.int().default(100) }),
        create: ({ maxLength }) => new LinesProcessor(maxLength),
      }),
      config: z.object({}),
      create: (_, { hiddenSize }) => new NumbersEncoder(hiddenSize),
    }),
  ],
});
