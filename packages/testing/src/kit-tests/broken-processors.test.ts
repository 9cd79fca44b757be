import {
  defineProcessor,
  type HostTensor2D,
  hostTensor,
  type LearningProcessor,
  type ProcessContext,
  type Processor,
  type ProcessorSetup,
  RandomKey,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { processorCase, streamOf } from '../cases/processor-case';
import { badRawValuesAreRefused } from '../checks/bad-raw-values-are-refused';
import { collatePadsConsistently } from '../checks/collate-pads-consistently';
import { featuresArePlainData } from '../checks/features-are-plain-data';
import { learningIsKept } from '../checks/learning-is-kept';
import { lengthsSayTheShape } from '../checks/lengths-say-the-shape';
import { processorsMakeNoTensor } from '../checks/processors-make-no-tensor';
import { processorsSurviveSaving } from '../checks/processors-survive-saving';
import { sameRawSameFeatures } from '../checks/same-raw-same-features';
import { randomRow } from '../doubles/random-row';
import { randomSignal } from '../doubles/random-signal';
import { type ReferenceFeatures, ReferenceProcessor, type ReferenceRow } from '../doubles/reference-processor';
import { type TableRow, tableProcessor } from '../doubles/table-processor';
import { complaint } from './complaint';

type Own = Processor<unknown, ReferenceRow, ReferenceFeatures>;
type Change = Partial<Pick<Own, 'process' | 'collate' | 'shape' | 'lengthAxes' | 'masks'>>;

const reference = new ReferenceProcessor(4);

function broken(change: Change | ((setup: ProcessorSetup) => Change), invalid: readonly unknown[] = []) {
  const definition = defineProcessor({
    config: z.object({}),
    create: (_, setup) =>
      Object.assign(new ReferenceProcessor(4), typeof change === 'function' ? change(setup) : change),
  });
  return processorCase(definition, { sample: randomSignal, invalid });
}

/** A processor that learns the columns of a table, changed. */
function brokenLearner(change: (processor: LearningProcessor<TableRow>) => Partial<LearningProcessor<TableRow>>) {
  const definition = defineProcessor({
    config: z.object({}),
    create(_, setup) {
      const processor = tableProcessor.create({ columns: 3 }, setup);
      return new Proxy(processor, {
        get(target, name) {
          const source = name in change(processor) ? change(processor) : target;
          const value: unknown = Reflect.get(source, name, target);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
    },
  });
  return processorCase(definition, { sample: randomRow });
}

function firstSteps({ data, shape: [length, size] }: HostTensor2D, steps: number): HostTensor2D {
  const kept = Math.min(length, steps);
  return hostTensor(data.slice(0, kept * size), [kept, size]);
}

/** The reference features of a signal, changed. */
function processing(change: (features: ReferenceRow, raw: Float32Array, context: ProcessContext) => unknown) {
  const process = (raw: unknown, context: ProcessContext = { training: false }) =>
    change(reference.process(raw), raw as Float32Array, context) as ReferenceRow;
  return broken({ process });
}

describe('the kit finds a processor', () => {
  it('that makes features of plain arrays', async () => {
    const subject = await processing(({ values }) => ({ values: { ...values, data: [...values.data] } }));
    expect(await complaint(() => featuresArePlainData(subject))).toContain(
      'data as Float32Array, Int32Array, Uint16Array',
    );
  });

  it('that makes features which are not finite', async () => {
    const subject = await processing(({ values: { data, shape } }) => ({
      values: hostTensor(
        data.map(() => Number.NaN),
        shape,
      ),
    }));
    expect(await complaint(() => featuresArePlainData(subject))).toContain('expected finite values, received NaN');
  });

  it('whose features differ in form between raw values', async () => {
    const subject = await processing(({ values }, raw) => (raw.length > 12 ? { values } : { numbers: values }));
    expect(await complaint(() => featuresArePlainData(subject))).toContain('Float32Array with 2 axes');
  });

  it('that makes all features in one place', async () => {
    const shared = new Float32Array(1000);
    const subject = await processing(({ values: { data, shape } }) => {
      shared.set(data);
      return { values: hostTensor(shared.subarray(0, data.length), shape) };
    });
    expect(await complaint(() => featuresArePlainData(subject))).toContain('once others were processed');
  });

  it('whose features are another the second time', async () => {
    let calls = 0;
    const subject = await processing(() => ({ values: hostTensor(Float32Array.of(++calls), [1]) }));
    expect(await complaint(() => sameRawSameFeatures(subject))).toContain('processed again: values[0]');
  });

  it('whose augmentation takes no notice of its key', async () => {
    let calls = 0;
    const subject = await processing(({ values }, _, { training }) => {
      return training ? { values: hostTensor(Float32Array.of(++calls), [1]) } : { values };
    });
    expect(await complaint(() => sameRawSameFeatures(subject))).toContain('processed again in training');
  });

  it('that changes its raw value', async () => {
    const subject = await processing((_, raw) => {
      const values = hostTensor(raw.slice(), [raw.length / 3, 3]);
      raw[0] = 0;
      return { values };
    });
    expect(await complaint(() => sameRawSameFeatures(subject))).toContain('processed again');
  });

  it('that collates rows in another order', async () => {
    const subject = await broken({ collate: (rows) => reference.collate([...rows].reverse()) });
    expect(await complaint(() => collatePadsConsistently(subject))).toContain('in a batch');
  });

  it('whose mask has 1 in padding', async () => {
    const subject = await broken({
      collate: (rows) => {
        const { values, mask } = reference.collate(rows);
        return { values, mask: { ...mask, data: mask.data.map(() => 1) } };
      },
    });
    expect(await complaint(() => collatePadsConsistently(subject))).toContain('a mask of 0 where more is padded');
  });

  it('that declares a mask which there is not, which covers nothing that there is, or which is not one of 0 and 1', async () => {
    const claims: [Change, string][] = [
      [{ masks: { valuesMask: ['values'] } }, 'mask valuesMask: expected a feature of this name'],
      [{ masks: { mask: ['numbers'] } }, 'numbers with axes that begin with [8,'],
      [{ masks: { mask: [] } }, 'the names of the features that it covers'],
      [{ masks: { values: ['values'] } }, 'mask values: expected 0 and 1 alone'],
    ];
    for (const [change, words] of claims) {
      const subject = await broken(change);
      expect(await complaint(() => collatePadsConsistently(subject))).toContain(words);
    }
    const whole = await broken({
      collate: (...given) => {
        const { values, mask } = reference.collate(...given);
        return { values, mask: hostTensor(mask.data, mask.shape) };
      },
    });
    expect(await complaint(() => collatePadsConsistently(whole))).toContain('expected float32 on the backend');
  });

  it('that needs no learning by what it says, or guesses before it has learned', async () => {
    const fitted = await brokenLearner(() => ({ fitted: true }));
    expect(await complaint(() => learningIsKept(fitted))).toContain('a new one with fitted false');
    const cells = { cells: hostTensor(new Float32Array(3), [3]) };
    const guessing = await brokenLearner(() => ({ process: () => cells }));
    expect(await complaint(() => learningIsKept(guessing))).toContain('a NotFittedError of one that has not learned');
  });

  it('that learns, and does not keep it in its files, or takes nothing from those of another', async () => {
    const forgetting = await brokenLearner(() => ({ files: () => ({}) }));
    expect(await complaint(() => learningIsKept(forgetting))).toContain('one that took the files with fitted true');
    const deaf = await brokenLearner(() => ({ restore: () => {} }));
    expect(await complaint(() => learningIsKept(deaf))).toContain('one that took the files with fitted true');
  });

  it('that learns, and does not forget it where it takes the files of one that has not', async () => {
    const clinging = await brokenLearner((processor) => ({
      restore(savedFile) {
        if (savedFile('statistics.json')) processor.restore(savedFile);
      },
    }));
    expect(await complaint(() => learningIsKept(clinging))).toContain(
      'one that took the files of one that has not learned with fitted false',
    );
  });

  it('that learns another thing each time', async () => {
    let round = 0;
    const subject = await brokenLearner((processor) => ({
      async fit(values) {
        round++;
        const rows: TableRow[] = [];
        for await (const row of values) rows.push(row.map((cell) => (cell === null ? null : cell + round)));
        await processor.fit(streamOf(rows));
      },
    }));
    expect(await complaint(() => learningIsKept(subject))).toContain('one learned again: cells[');
  });

  it('whose batch lacks a row', async () => {
    const subject = await broken({ collate: (rows) => reference.collate(rows.slice(0, 2)) });
    expect(await complaint(() => collatePadsConsistently(subject))).toContain('expected [8, …], received [2,');
  });

  it('whose rows collate to several shapes where it says that they have one', async () => {
    const subject = await broken({ shape: () => ({}), collate: (rows) => reference.collate(rows) });
    expect(await complaint(() => collatePadsConsistently(subject))).toContain(
      'rows of shape {}: expected collated features of one shape',
    );
  });

  it('that pads to no more than the longest row, whatever it is asked for', async () => {
    const subject = await broken({ collate: (rows) => reference.collate(rows) });
    expect(await complaint(() => lengthsSayTheShape(subject))).toContain(
      'expected a ShapeError or an UnknownNameError',
    );
    const lenient = await broken({
      collate: (rows, lengths) => {
        reference.collate(rows, lengths);
        return reference.collate(rows);
      },
    });
    expect(await complaint(() => lengthsSayTheShape(lenient))).toContain('at the axes that lengthAxes names, 1');
  });

  it('that cuts a row which is longer than asked', async () => {
    const subject = await broken({
      collate: (rows, lengths) => {
        if (lengths && !('steps' in lengths)) return reference.collate(rows, lengths);
        const cut = (steps: number) => rows.map(({ values }) => ({ values: firstSteps(values, steps) }));
        return lengths ? reference.collate(cut(lengths.steps), lengths) : reference.collate(rows);
      },
    });
    expect(await complaint(() => lengthsSayTheShape(subject))).toContain('fewer steps than a row has');
  });

  it('that names other axes than those it pads, or lengths that there are not', async () => {
    const lacking = await broken({ lengthAxes: { values: { 1: 'steps' } } });
    expect(await complaint(() => lengthsSayTheShape(lacking))).toContain('feature mask, padded from');
    const wrong = await broken({ lengthAxes: { values: { 1: 'frames' }, mask: { 1: 'steps' } } });
    expect(await complaint(() => lengthsSayTheShape(wrong))).toContain('names of lengths that shape() gives, steps');
  });

  it('that stacks rows which differ in what it says is fixed', async () => {
    const subject = await broken({
      shape: ({ values }) => ({ ...reference.shape({ values }), fixed: [values.shape[0] % 2] }),
      collate: (rows, lengths) => reference.collate(rows, lengths),
    });
    expect(await complaint(() => lengthsSayTheShape(subject))).toContain('rows that differ in what is fixed');
  });

  it('that makes features of what it cannot read', async () => {
    const zero = { values: hostTensor(new Float32Array(3), [1, 3]) };
    const subject = await broken({ process: (raw) => (raw instanceof Float32Array ? reference.process(raw) : zero) });
    expect(await complaint(() => badRawValuesAreRefused(subject))).toContain('null: expected a SampleError');
  });

  it('that throws an error of JavaScript at what it cannot read', async () => {
    const subject = await broken({ process: (raw) => reference.process((raw as Float32Array).slice()) });
    expect(await complaint(() => badRawValuesAreRefused(subject))).toContain('received TypeError: Cannot read prop');
  });

  it('that takes what its case calls invalid', async () => {
    const subject = await broken({}, [randomSignal(RandomKey.from(0))]);
    expect(await complaint(() => badRawValuesAreRefused(subject))).toContain(
      'expected a SampleError, received features',
    );
  });

  it('that makes a tensor, if only for a moment', async () => {
    const subject = await processing((features) => {
      tf.tidy(() => tf.ones([1]));
      return features;
    });
    expect(await complaint(() => processorsMakeNoTensor(subject))).toContain('received 8 tensors');
  });

  it('that forgets what it learnt when it is saved', async () => {
    let made = 0;
    const subject = await broken(() => {
      const own = ++made;
      return { process: () => ({ values: hostTensor(Float32Array.of(own), [1, 1]) }) };
    });
    expect(await complaint(() => processorsSurviveSaving(subject))).toContain('restored from its files');
  });
});
