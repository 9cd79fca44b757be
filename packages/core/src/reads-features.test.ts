import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ModalityBatch, type TargetBatch, uploadBatch } from './batch';
import { Encoder } from './encoder';
import {
  type Features,
  type HostTensor1D,
  type HostTensor2D,
  type HostTensor3D,
  hostTensor,
  lengthMask,
  padAndStack,
} from './features';
import { Head } from './head';
import type { LossTerms } from './loss';
import { defineEncoder, defineHead, defineProcessor } from './plugin';
import type { Processor } from './processor';
import type { EncodedTokens, Tokens } from './tokens';

/** What the compiler says is checked when the types of this package are. */

type SensorRow = { readings: HostTensor2D };
type SensorFeatures = { readings: HostTensor3D; mask: HostTensor2D };

class SensorProcessor implements Processor<number[], SensorRow, SensorFeatures> {
  process(raw: number[]): SensorRow {
    return { readings: hostTensor(Float32Array.from(raw), [raw.length, 1]) };
  }

  collate(rows: readonly SensorRow[]): SensorFeatures {
    const readings = padAndStack(rows.map((row) => row.readings));
    const lengths = rows.map((row) => row.readings.shape[0]);
    return { readings, mask: lengthMask(lengths, Math.max(...lengths)) };
  }

  shape() {
    return {};
  }
}

/** The same, and it does not say what it makes. */
class SilentProcessor implements Processor {
  readonly #sensor = new SensorProcessor();

  process(raw: unknown): Features {
    return this.#sensor.process(raw as number[]);
  }

  collate(rows: readonly Features[]): Features {
    return this.#sensor.collate(rows as readonly SensorRow[]);
  }

  shape() {
    return {};
  }
}

abstract class SensorEncoder extends Encoder {
  readonly depth = 0;
  readonly hiddenSize = 1;

  layer(_: number, tokens: Tokens): Tokens {
    return tokens;
  }

  finish(tokens: Tokens): EncodedTokens {
    return { ...tokens, pooled: tf.sum(tokens.tokens, 1) };
  }
}

class TypedEncoder extends SensorEncoder {
  embed({ features, rows }: ModalityBatch<SensorFeatures>): Tokens {
    return { tokens: features.readings, mask: features.mask, rows };
  }
}

const sensor = defineProcessor({ config: z.object({}), create: () => new SensorProcessor() });
const silent = defineProcessor({ config: z.object({}), create: () => new SilentProcessor() });
const parts = { name: 'sensor', modality: 'sensor', config: z.object({}) } as const;

describe('features that a processor says it makes', () => {
  it('are tensors of their names and ranks to the encoder', () => {
    const processor = new SensorProcessor();
    const features = processor.collate([processor.process([1, 2, 3]), processor.process([4])]);
    const { modalities } = uploadBatch({
      size: 2,
      modalities: { sensor: { rows: Int32Array.of(0, 1), features } },
      targets: {},
    });
    const { tokens, mask } = new TypedEncoder().embed(modalities.sensor as ModalityBatch<SensorFeatures>);
    expect(tokens.shape).toEqual([2, 3, 1]);
    expect([...mask.dataSync()]).toEqual([1, 1, 1, 1, 0, 0]);
  });

  it('are held against what an encoder reads', () => {
    class ReadsMore extends SensorEncoder {
      embed({ features, rows }: ModalityBatch<SensorFeatures & { rate: HostTensor1D }>): Tokens {
        return { tokens: tf.mul(features.readings, features.rate), mask: features.mask, rows };
      }
    }
    class ReadsAnotherRank extends SensorEncoder {
      embed({ features, rows }: ModalityBatch<{ readings: HostTensor2D; mask: HostTensor2D }>): Tokens {
        return { tokens: tf.expandDims(features.readings, 2), mask: features.mask, rows };
      }
    }
    defineEncoder({ ...parts, processor: sensor, create: () => new TypedEncoder() });
    // @ts-expect-error: the processor makes no rate
    defineEncoder({ ...parts, processor: sensor, create: () => new ReadsMore() });
    // @ts-expect-error: readings have three axes
    defineEncoder({ ...parts, processor: sensor, create: () => new ReadsAnotherRank() });
  });

  it('may be read by an encoder that could take more, and by one that does not say what it reads', () => {
    class TakesMore extends SensorEncoder {
      embed({ features, rows }: ModalityBatch<SensorFeatures & { rate?: HostTensor1D }>): Tokens {
        const scaled = features.rate ? tf.mul<tf.Tensor3D>(features.readings, features.rate) : features.readings;
        return { tokens: scaled, mask: features.mask, rows };
      }
    }
    class SilentEncoder extends SensorEncoder {
      embed({ features, rows }: ModalityBatch): Tokens {
        return { tokens: features.readings as tf.Tensor3D, mask: features.mask as tf.Tensor2D, rows };
      }
    }
    defineEncoder({ ...parts, processor: sensor, create: () => new TakesMore() });
    defineEncoder({ ...parts, processor: sensor, create: () => new SilentEncoder() });
    defineEncoder({ ...parts, processor: silent, create: () => new SilentEncoder() });
    defineEncoder({ ...parts, processor: silent, create: () => new TypedEncoder() });
  });

  it('are held against what a head learns from', () => {
    class SensorHead extends Head<tf.Tensor1D, number> {
      readonly requires = {};

      forward(): tf.Tensor1D {
        return tf.tensor1d([]);
      }

      loss(target: TargetBatch<SensorFeatures> | undefined): LossTerms<tf.Tensor1D> {
        if (!target) return {};
        const { features, values } = target;
        return { sum: { count: values.mask.shape[0], sum: () => tf.sum(features.readings) } };
      }

      scores(estimates: tf.Tensor1D): { estimates: tf.Tensor1D } {
        return { estimates };
      }

      answers(): number[] {
        return [];
      }
    }
    class LearnsFromMore extends SensorHead {
      override loss(target: TargetBatch<SensorFeatures & { rate: HostTensor1D }> | undefined): LossTerms<tf.Tensor1D> {
        return super.loss(target);
      }
    }
    const definition = defineHead({ ...parts, target: sensor, create: () => new SensorHead() });
    const made: SensorHead = definition.create({}, {} as Parameters<typeof definition.create>[1]);
    expect(made).toBeInstanceOf(SensorHead);
    // @ts-expect-error: the processor makes no rate
    defineHead({ ...parts, target: sensor, create: () => new LearnsFromMore() });
  });
});
