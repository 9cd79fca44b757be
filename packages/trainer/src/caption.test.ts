import { ConfigError, composeModel, createRegistry, PolymodalError } from '@polymodal/core';
import { referencePlugin } from '@polymodal/testing';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from './evaluation/evaluate';
import { train } from './train';

const quiet = { progress: false } as const;

const compose = () =>
  composeModel(createRegistry([referencePlugin]), {
    hiddenSize: 8,
    encoders: { signal: { use: 'reference' }, other: { use: 'reference' } },
    fusion: { use: 'reference' },
    heads: {
      caption: { use: 'reference-caption', bucketSize: 4, target: 'text' },
      size: { use: 'reference', target: 'amount' },
    },
  });

/** A signal that is high or low, and what it is called: texts of two lengths. */
const samples = Array.from({ length: 12 }, (_, index) => {
  const isHigh = index % 2 === 0;
  return {
    [index % 3 === 0 ? 'other' : 'signal']: Float32Array.from({ length: 3 + 3 * (index % 4) }, () => (isHigh ? 1 : -1)),
    targets: { text: isHigh ? 'up' : 'low', ...(index % 4 === 0 && { amount: 1 }) },
  };
});

describe('a head that learns texts and writes them', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('is trained, evaluated, asked and streamed, its target prepared, padded and counted as inputs are', async () => {
    const model = compose();
    const counts = model.lossCounts(
      model.collate(await Promise.all(samples.slice(0, 2).map((own) => model.prepare(own)))),
    );
    expect(counts.caption).toEqual({ tokens: { count: 3 + 4, weight: 1 } }); // "up" and "low", each with its end
    const { epochs } = await train(model, { data: samples, epochs: 30, batchSize: 6, learningRate: 0.1, ...quiet });
    expect(epochs.at(-1)!.terms.caption.tokens).toBeLessThan(0.3);
    const figures = await evaluate(model, samples, quiet);
    expect(figures.caption).toMatchObject({ count: 12, metrics: { accuracy: 1 } });
    expect(figures.size.count).toBe(3);

    const [high, low] = samples.map(({ targets: _, ...values }) => values);
    expect((await model.predict([high, low])).map(({ caption }) => caption)).toEqual(['up', 'low']);
    const before = tf.memory().numTensors;
    const asked = await model.predict([low, high], { heads: { caption: { maxNewTokens: 2 } } });
    expect(asked).toEqual([{ caption: 'lo' }, { caption: 'up' }]);
    const pieces: string[] = [];
    const stream = model.stream(low, 'caption', { maxNewTokens: 5 });
    let next = await stream.next();
    for (; !next.done; next = await stream.next()) pieces.push(next.value);
    expect([pieces, next.value]).toEqual([['l', 'o', 'w'], 'low']);
    for await (const piece of model.stream(high, 'caption')) {
      expect(piece).toBe('u');
      break; // what was made until then is freed
    }
    const stop = new AbortController();
    const stopped = model.stream(low, 'caption', { maxNewTokens: 5 }, { signal: stop.signal });
    expect((await stopped.next()).value).toBe('l');
    stop.abort();
    await expect(stopped.next()).rejects.toThrow(stop.signal.reason);
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  }, 120_000);

  it('refuses what cannot be asked, with the nearest name', async () => {
    const model = compose();
    const [sample] = samples;
    const asked = (heads: unknown) =>
      model.predict([sample], { heads: heads as never }).then(
        () => 'no error',
        (error: Error) => error.message,
      );
    expect(await asked({ capton: {} })).toMatch(/received "capton"\. Did you mean "caption"\?/);
    expect(await asked({ caption: { maxNewToken: 3 } })).toMatch(
      /^predict\.heads\.caption: .*"maxNewToken"\. Did you mean "maxNewTokens"\?/,
    );
    expect(await asked({ caption: { maxNewTokens: 0 } })).toMatch(/^predict\.heads\.caption\.maxNewTokens: .*above 0/);
    expect(await asked({ size: { maxNewTokens: 3 } })).toMatch(/^predict\.heads\.size: .*"maxNewTokens"/);
    const streamed = async (head: string, options: object = {}) => {
      try {
        await model.stream(sample, head as 'caption', options).next();
      } catch (error) {
        return PolymodalError.isInstance(error) ? error : undefined;
      }
    };
    expect(await streamed('size')).toBeInstanceOf(ConfigError);
    expect((await streamed('size'))?.message).toMatch(/Heads that do: caption\./);
    expect(() => model.stream(sample, 'caption', {}, { sgnal: 1 } as object)).toThrow(/^stream: .*"signal"/);
    expect((await streamed('captions'))?.message).toMatch(/Did you mean "caption"/);
    expect((await streamed('caption', { maxTokens: 3 }))?.message).toMatch(/"maxTokens"\. Did you mean "maxNewTokens"/);
    model.dispose();
  });

  it('names the sample whose text is none, and takes one without', async () => {
    const data = [...samples.slice(0, 2), { ...samples[2], targets: { text: 7 } }];
    await expect(train(compose(), { data, ...quiet })).rejects.toThrow(
      'data, sample 2, targets.text: expected a text, received 7.',
    );
    const some = samples.map((own, index) => (index % 2 === 0 ? own : { ...own, targets: {} }));
    const { epochs } = await train(compose(), { data: some, epochs: 1, batchSize: 8, accumulate: 2, ...quiet });
    expect(epochs[0].terms.caption.tokens).toBeGreaterThan(0);
  });
});
