import {
  type Batch,
  type Context,
  type DocumentPart,
  defineProcessor,
  type Encoders,
  type Features,
  type Fused,
  type FusionDefinition,
  hostTensor,
  type Interleaved,
  type InterleavingProcessor,
  type Lengths,
  SampleError,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fusionCase } from '../cases/fusion-case';
import { processorCase } from '../cases/processor-case';
import { documentsAreFusedAlone } from '../checks/documents-are-fused-alone';
import { documentsHaveTheirPlaces } from '../checks/documents-have-their-places';
import { randomSignal } from '../doubles/random-signal';
import { ReferenceFusion, referenceFusion } from '../doubles/reference-fusion';
import { type ReferenceFeatures, ReferenceProcessor, type ReferenceRow } from '../doubles/reference-processor';
import { complaint } from './complaint';

type Interleave = InterleavingProcessor['interleave'];

async function complaintOf(processor: () => ReferenceProcessor): Promise<string> {
  const definition = defineProcessor({ config: z.object({}), create: processor });
  const subject = await processorCase(definition, { sample: randomSignal });
  return complaint(() => documentsHaveTheirPlaces(subject));
}

/** The reference processor with another way to read documents. */
const interleaving = (change: (made: Interleaved, parts: readonly DocumentPart[]) => ReturnType<Interleave>) => () =>
  Object.assign(new ReferenceProcessor(4), {
    interleave: (parts: readonly DocumentPart[]) => change(new ReferenceProcessor(4).interleave(parts), parts),
  });

const collating = (change: (features: ReferenceFeatures) => Features) => () =>
  Object.assign(new ReferenceProcessor(4), {
    collate: (rows: readonly ReferenceRow[], lengths?: Lengths) =>
      change(new ReferenceProcessor(4).collate(rows, lengths)),
  });

describe('the kit finds a processor of documents', () => {
  it.each<[string, ReturnType<typeof interleaving>, string]>([
    [
      'puts values into another order',
      interleaving(({ features, places }) => {
        const most = Math.max(...places);
        return { features, places: places.map((place) => (place < 0 ? -1 : most - place)) };
      }),
      'expected the values 0,1,2 at their elements',
    ],
    [
      'loses a place without a word',
      interleaving(({ features, places }) => ({ features, places: places.map((place) => (place === 1 ? -1 : place)) })),
      'a document with three places',
    ],
    [
      'has one element for a value in several pieces',
      () =>
        Object.assign(new ReferenceProcessor(4), {
          interleave: (parts: readonly DocumentPart[]) =>
            new ReferenceProcessor(4).interleave(
              parts.map((part) => (part.kind === 'place' ? { ...part, pieces: { count: 1, grid: [0, 0] } } : part)),
            ),
        }),
      'expected place 1 3 times, once for each piece of its value',
    ],
    [
      'reads a part otherwise than by itself',
      interleaving(({ features, places }) => {
        const { data, shape } = features.values;
        return {
          features: {
            values: hostTensor(
              Float32Array.from(data, (value) => 2 * value),
              shape,
            ),
          },
          places,
        };
      }),
      'a document of one part against the part by itself',
    ],
    [
      'does not say which part cannot be read',
      () =>
        Object.assign(new ReferenceProcessor(4), {
          interleave(parts: readonly DocumentPart[]) {
            const isReadable = parts.every((part) => part.kind === 'place' || part.raw instanceof Float32Array);
            if (isReadable) return new ReferenceProcessor(4).interleave(parts);
            throw new SampleError({ expected: 'signals', received: 'another part' });
          },
        }),
      'a SampleError whose place begins with that of the part',
    ],
    [
      'takes what it cannot read',
      () =>
        Object.assign(new ReferenceProcessor(4), {
          interleave(parts: readonly DocumentPart[]) {
            const readable = parts.filter((part) => part.kind === 'place' || part.raw instanceof Float32Array);
            return new ReferenceProcessor(4).interleave(readable);
          },
        }),
      'a part that cannot be read: expected a SampleError, received features',
    ],
    [
      'pads places with those of the first slot',
      collating((features) => {
        if (!features.placeSlot) return features;
        const { data, shape } = features.placeSlot;
        const spoilt = data.map((place, index) => (features.mask.data[index] === 1 ? place : 0));
        return { ...features, placeSlot: hostTensor(spoilt, shape) };
      }),
      'placeSlot of row',
    ],
    ['forgets to collate places', collating(({ values, mask }) => ({ values, mask })), 'placeSlot'],
    [
      'has places where there is no document',
      collating((features) => {
        const nowhere = hostTensor(new Int16Array(features.mask.data.length).fill(-1), features.mask.shape);
        return { placeSlot: nowhere, placeValue: nowhere, ...features };
      }),
      'without',
    ],
  ])('that %s', async (_, processor, message) => {
    expect(await complaintOf(processor)).toContain(message);
  });
});

describe('the kit finds a fusion of documents', () => {
  /** The reference fusion with something added to its vectors that it reads of the places. */
  function reading(added: (slot: tf.Tensor2D, value: tf.Tensor2D, mask: tf.Tensor2D, batch: Batch) => tf.Tensor) {
    class Reading extends ReferenceFusion {
      override forward(encoders: Encoders, batch: Batch, context: Context): Fused {
        const fused = super.forward(encoders, batch, context);
        const { rows, features } = batch.modalities.text ?? {};
        if (!features?.placeSlot || rows?.length !== batch.size) return fused;
        const { placeSlot, placeValue, mask } = features as Record<string, tf.Tensor2D>;
        return {
          ...fused,
          pooled: tf.add(fused.pooled, tf.cast(added(placeSlot, placeValue, mask, batch), 'float32')),
        };
      }
    }
    const definition: FusionDefinition = {
      ...referenceFusion,
      create: (_, { hiddenSize, encoders }) => new Reading(hiddenSize, encoders),
    };
    return complaint(async () => documentsAreFusedAlone(await fusionCase(definition, {}), definition));
  }

  const isHere = (mask: tf.Tensor2D, slot: tf.Tensor2D) => tf.mul(mask, tf.cast(tf.greaterEqual(slot, 0), 'float32'));

  it('that reads places in padding', async () => {
    const said = await reading((slot) => tf.sum(tf.cast(tf.greaterEqual(slot, 0), 'int32'), 1, true));
    expect(said).toContain('with other places in padding');
  });

  it('that counts values over the batch', async () => {
    const said = await reading((slot, _, mask) => tf.sum(isHere(mask, slot)));
    expect(said).toContain('in a mixed batch against it alone');
  });

  it('but none that reads what is the row’s own', async () => {
    await expect(reading((slot, _, mask) => tf.sum(isHere(mask, slot), 1, true))).rejects.toThrow('let the part pass');
  });

  it('that cannot do without a value which was dropped', async () => {
    const said = reading((slot, value, mask, batch) => {
      const { valueMask } = batch.modalities.image.features; // also of a row alone whose picture was dropped
      const read = tf.mul(isHere(mask, slot), tf.mul(value, 0));
      return tf.mul(tf.sum(valueMask), tf.sum(read, 1, true));
    });
    await expect(said).rejects.toThrow(TypeError);
  });
});
