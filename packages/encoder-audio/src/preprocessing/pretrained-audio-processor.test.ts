import { readFileSync } from 'node:fs';
import {
  ConfigError,
  decodeSafetensors,
  type Features,
  hostTensor,
  RandomKey,
  SampleError,
  ShapeError,
  UnknownNameError,
} from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { resample } from '../resample';
import { type SoundKind, testSound } from '../testing/test-sound';
import type { FeatureExtractorType } from './feature-extractor-type';
import { PretrainedAudioProcessor } from './pretrained-audio-processor';
import { pretrainedAudioProcessorOf } from './pretrained-audio-processor-of';

// Made by tools/parity/audio_features.py with the feature extractors of transformers.
const fixture = (name: string) => readFileSync(new URL(`../../fixtures/features/${name}`, import.meta.url));
const expected = decodeSafetensors(fixture('expected.safetensors'), 'features').tensors;
const cases: readonly {
  readonly name: string;
  readonly content: Record<string, unknown>;
  readonly signals: readonly [kind: SoundKind, length: number][];
  readonly shape: readonly number[];
  readonly step: number;
}[] = JSON.parse(fixture('cases.json').toString());

const inference = { training: false } as const;
const of = (type: FeatureExtractorType, content: object = {}, settings = {}) =>
  new PretrainedAudioProcessor(content, { type, ...settings });

async function features(
  processor: PretrainedAudioProcessor,
  signals: readonly (readonly [SoundKind, number])[],
): Promise<Features[]> {
  const { samplingRate: sampleRate } = processor;
  return Promise.all(
    signals.map(([kind, length]) => processor.process({ samples: testSound(kind, length), sampleRate }, inference)),
  );
}

describe('PretrainedAudioProcessor', () => {
  it.each(cases)('has the features of transformers in case $name', async ({ name, content, signals, shape, step }) => {
    const processor = new PretrainedAudioProcessor(content);
    const rows = await features(processor, signals);
    const { inputValues, inputFeatures, mask, isLonger } = processor.collate(rows);
    const values = inputValues ?? inputFeatures;
    const axis = inputValues ? 1 : values.shape.length - 2;
    const wanted = expected.get(name)!;
    if (inputFeatures) expect(values.shape).toEqual(shape);
    const kept = everyNth(values.data, values.shape, axis, shape[axis], step);
    expect(kept.length).toBe(wanted.data.length);
    expect(largestDifference(kept, wanted.data)).toBeLessThan(1e-4);
    if (content.return_attention_mask) {
      const wantedMask = expected.get(`${name} mask`)!.data;
      expect([...everyNth(mask.data, mask.shape, 1, shape[axis], step)]).toEqual([...wantedMask]);
    }
    if (isLonger) expect([...isLonger.data]).toEqual([...expected.get(`${name} isLonger`)!.data]);
  });

  it('mixes channels, and resamples to the rate of the extractor', async () => {
    const tone = (rate: number) =>
      Float32Array.from({ length: rate / 2 }, (_, n) => 0.3 * Math.sin((2 * Math.PI * 440 * n) / rate));
    const processor = of('Wav2Vec2FeatureExtractor');
    const mono = await processor.process({ samples: tone(16000), sampleRate: 16000 }, inference);
    const twice = tone(8000).map((value) => 2 * value);
    const stereo = { samples: [twice, new Float32Array(4000)], sampleRate: 8000 };
    const resampled = await processor.process(stereo, inference);
    expect(resampled.inputValues.shape).toEqual([8000]);
    const middle = (row: Features) => row.inputValues.data.subarray(500, -500); // the ends are faded by the filter
    expect(largestDifference(middle(resampled), middle(mono))).toBeLessThan(0.02);
  });

  it.each([
    ['Wav2Vec2FeatureExtractor', 399, {}, 'at least 400 samples at 16000 Hz, which are one frame, received 399. Fill'],
    ['Wav2Vec2FeatureExtractor', 99, { minSamples: 100 }, 'at least 100 samples'],
    ['ASTFeatureExtractor', 399, {}, 'at least 400 samples'],
    ['ClapFeatureExtractor', 0, {}, 'Leave the modality out where there is no sound'],
  ] as const)('says that a recording is too short (%s, %d samples)', async (type, length, settings, message) => {
    const processor = of(type, {}, settings);
    const raw = { samples: new Float32Array(length), sampleRate: processor.samplingRate };
    const error = await processor.process(raw, inference).catch((error) => error);
    expect(error).toBeInstanceOf(SampleError);
    expect(error.message).toContain(message);
  });

  it('refuses samples that are no numbers', async () => {
    const raw = { samples: Float32Array.of(0, Number.NaN), sampleRate: 16000 };
    await expect(of('WhisperFeatureExtractor').process(raw, inference)).rejects.toThrow('NaN at sample 1');
  });

  it('pads to one of four lengths an octave, and masks what it padded', async () => {
    const processor = of('Wav2Vec2FeatureExtractor');
    const [first, second] = await features(processor, [
      ['mixed', 16100],
      ['quiet', 16384],
    ]);
    const samples = (row: Features) => processor.shape(row).lengths!.samples;
    expect([samples(first), samples(second)]).toEqual([16384, 16384]);
    const { inputValues, mask } = processor.collate([first, second]);
    expect([inputValues.shape, mask.shape]).toEqual([
      [2, 16384],
      [2, 16384],
    ]);
    expect(mask.data.subarray(0, 16384).lastIndexOf(1)).toBe(16099);
    expect(inputValues.data.subarray(16100, 16384).every((value) => value === 0)).toBe(true);
    expect(processor.collate([first], { samples: 20480 }).mask.shape).toEqual([1, 20480]);
    expect(() => processor.collate([first], { samples: 8192 })).toThrow('at least 16384');
    const silence = (length: number) => ({ inputValues: hostTensor(new Float32Array(length), [length]) });
    const buckets = new Set(Array.from({ length: 999 }, (_, n) => samples(silence(480 * (n + 1)))));
    expect(buckets.size).toBeLessThan(40); // up to 30 s
    for (const length of [8193, 10_000, 16_385, 400_000]) {
      expect(samples(silence(length)) / length).toBeLessThanOrEqual(1.25);
    }
  });

  it('puts only recordings of one length together without a mask, as padding would be heard', async () => {
    const processor = of('Wav2Vec2FeatureExtractor', {}, { returnAttentionMask: false });
    const rows = await features(processor, [
      ['mixed', 1234],
      ['mixed', 999],
    ]);
    expect(rows.map((row) => processor.shape(row))).toEqual([{ fixed: [1234] }, { fixed: [999] }]);
    expect(() => processor.collate(rows)).toThrow(ShapeError);
    const collated = processor.collate([rows[0], rows[0]]);
    expect(Object.keys(collated)).toEqual(['inputValues']);
    expect(collated.inputValues.shape).toEqual([2, 1234]);
  });

  it('draws in training which part of a long recording is heard', async () => {
    const processor = of('ClapFeatureExtractor', { max_length_s: 1, truncation: 'rand_trunc' });
    const raw = { samples: testSound('mixed', 100_000), sampleRate: 48_000 };
    const draw = async (seed: number) => {
      const row = await processor.process(raw, { training: true, key: RandomKey.from(seed) });
      return [...row.inputFeatures.data];
    };
    expect(await draw(1)).toEqual(await draw(1));
    expect(await draw(1)).not.toEqual(await draw(2));
  });

  it('draws in training where the fused parts begin: one in each third', async () => {
    const processor = of('ClapFeatureExtractor', { max_length_s: 1 });
    const raw = { samples: testSound('mixed', 192_000), sampleRate: 48_000 };
    const whole = await of('ClapFeatureExtractor', { max_length_s: 4, padding: 'pad' }).process(raw, inference);
    const size = 101 * 64;
    for (const seed of [1, 2, 3, 4]) {
      const { inputFeatures } = await processor.process(raw, { training: true, key: RandomKey.from(seed) });
      const thirds = [1, 2, 3].map((channel) => {
        const part = inputFeatures.data.subarray(channel * size, (channel + 1) * size);
        const fits = (start: number) =>
          largestDifference(part, whole.inputFeatures.data.subarray(start * 64, start * 64 + size)) === 0;
        return Math.floor((3 * Array.from({ length: 301 }, (_, start) => start).findIndex(fits)) / 301);
      });
      expect(thirds).toEqual([0, 1, 2]);
    }
  });

  it('comes from either file of a folder', () => {
    const whisper = { feature_extractor_type: 'WhisperFeatureExtractor' };
    const type = 'Wav2Vec2FeatureExtractor';
    const files = { preprocessor: undefined, processor: undefined };
    expect(pretrainedAudioProcessorOf(files, type)).toBeUndefined();
    expect(pretrainedAudioProcessorOf({ ...files, preprocessor: {} }, type)?.type).toBe(type);
    const within = pretrainedAudioProcessorOf({ ...files, processor: { feature_extractor: whisper } }, type);
    expect(within?.type).toBe('WhisperFeatureExtractor');
  });
});

describe('PretrainedAudioProcessor on recordings that are longer than it hears', () => {
  const samples = RandomKey.from(5).normal(3 * 11_025);
  const resampled = { samples: resample(samples, 11_025, 16_000), sampleRate: 16_000 };
  const whisper = of('WhisperFeatureExtractor', { chunk_length: 1, return_attention_mask: true });
  const ast = of('ASTFeatureExtractor', { max_length: 100 });
  const clap = of('ClapFeatureExtractor', {
    max_length_s: 1,
    sampling_rate: 16_000,
    frequency_max: 8000,
    truncation: 'rand_trunc',
  });

  it.each([
    ['Whisper', whisper],
    ['AST', ast],
    ['CLAP', clap],
  ])('hears of 3 s at 11,025 Hz what it hears of the whole at 16,000 Hz: %s', async (_, processor) => {
    expect(await processor.process({ samples, sampleRate: 11_025 }, inference)).toEqual(
      await processor.process(resampled, inference),
    );
  });

  it('neither decodes nor resamples what it does not hear', async () => {
    const broken = Float32Array.from(samples).fill(Number.NaN, 2 * 11_025);
    await expect(whisper.process({ samples: broken, sampleRate: 11_025 }, inference)).resolves.toBeDefined();
    const slow = { samples: new Float32Array(1_000_000), sampleRate: 1 }; // 11 days
    expect((await whisper.process(slow, inference)).inputFeatures.shape).toEqual([100, 80]);
  });

  it.each([
    ['wav2vec 2.0', 'Wav2Vec2FeatureExtractor', { sampling_rate: 100 }],
    ['CLAP', 'ClapFeatureExtractor', { sampling_rate: 100, frequency_max: 50 }],
  ] as const)(
    'refuses more than five minutes where nothing says how much of them is heard: %s',
    async (_, type, rates) => {
      const fiveMinutes = { samples: new Float32Array(300).fill(0.5), sampleRate: 1 };
      const longer = { samples: new Float32Array(1_000_000).fill(Number.NaN, 10_000), sampleRate: 1 }; // what is not read is not seen
      const processor = of(type, rates);
      await expect(processor.process(fiveMinutes, inference)).resolves.toBeDefined();
      await expect(processor.process(longer, inference)).rejects.toThrow(
        /at most 300 seconds, .* received a longer one, at 1 Hz.* maxLength in the slot or max_length_seconds in/,
      );
      const bounded = of(type, { ...rates, max_length_seconds: 10 });
      await expect(bounded.process(longer, inference)).resolves.toBeDefined();
    },
  );
});

describe('the options of PretrainedAudioProcessor', () => {
  it.each([
    ['an unknown option', 'WhisperFeatureExtractor', { do_trim: true }, 'only known options, received "do_trim"'],
    ['padding at the left', 'Wav2Vec2FeatureExtractor', { padding_side: 'left' }, 'padding_side: '],
    ['several features a sample', 'Wav2Vec2FeatureExtractor', { feature_size: 2 }, 'feature_size: '],
    ['dither', 'WhisperFeatureExtractor', { dither: 0.1 }, 'dither: '],
    ['a transform of odd size', 'WhisperFeatureExtractor', { n_fft: 401 }, 'n_fft: '],
    ['another rate of AST', 'ASTFeatureExtractor', { sampling_rate: 8000 }, 'sampling_rate: '],
    ['a deviation of zero', 'ASTFeatureExtractor', { std: 0 }, 'std: '],
    ['an unknown truncation', 'ClapFeatureExtractor', { truncation: 'middle' }, 'truncation: '],
    ['an unknown padding', 'ClapFeatureExtractor', { padding: 'mirror' }, 'padding: '],
    ['bands without width', 'ClapFeatureExtractor', { frequency_min: 14_000 }, 'frequency_min: expected less than'],
  ] as const)('refuse %s by name', (_, type, content, message) => {
    expect(() => of(type, content)).toThrow(ConfigError);
    expect(() => of(type, content)).toThrow(message);
  });

  it.each(['SeamlessM4TFeatureExtractor', 'Speech2TextFeatureExtractor', 'WhisperFeatureExtracter'])(
    'refuse another class by name (%s)',
    (name) => {
      const parse = () => new PretrainedAudioProcessor({ feature_extractor_type: name });
      expect(parse).toThrow(UnknownNameError);
      expect(parse).toThrow(`received "${name}"`);
    },
  );

  it('ask for a class where neither the file nor the caller names one', () => {
    expect(() => new PretrainedAudioProcessor({})).toThrow('expected the class of a feature extractor');
  });

  it('pass over what changes nothing', () => {
    const processor = new PretrainedAudioProcessor({
      feature_extractor_type: 'WhisperFeatureExtractor',
      processor_class: 'WhisperProcessor',
      mel_filters: [[0, 1]],
      nb_max_frames: 3000,
      padding_side: 'right',
    });
    expect([processor.shape({}), processor.samplingRate]).toEqual([{}, 16_000]);
  });
});

/** Every n-th of the first `length` positions of an axis. */
function everyNth(
  data: ArrayLike<number>,
  shape: readonly number[],
  axis: number,
  length: number,
  step: number,
): Float32Array {
  const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  return Float32Array.from(data).filter((_, index) => {
    const position = Math.floor(index / inner) % shape[axis];
    return position < length && position % step === 0;
  });
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= largest)) largest = difference; // NaN stays
  }
  return largest;
}
