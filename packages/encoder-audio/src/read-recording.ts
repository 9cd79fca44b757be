import {
  describeValue,
  isDetached,
  type ProcessContext,
  readSampleFile,
  SampleError,
  unreadableValue,
} from '@polymodal/core';
import { readRegularFile } from '@polymodal/core/files';
import { decodeAudio } from './decode-audio';
import type { Recording, SamplesWanted } from './recording';
import { checkSampleRate } from './resample';

/** Raw audio: the path of a file, the bytes of one, or samples (one array, or one for each channel). */
export type RawAudio =
  | string
  | Uint8Array
  | { readonly samples: Float32Array | readonly Float32Array[]; readonly sampleRate: number };

/** What is longer than all but RF64 files can be. */
const maxFileBytes = 2 ** 32;

/**
 * Reads what {@link RawAudio} names.
 *
 * @param wanted how many samples are needed, of the beginning: the rest is neither decoded nor checked
 * @param context says whether paths are taken
 * @throws SampleError for a missing or unreadable file, no samples, samples that are not finite, or a sample rate out of range
 */
export async function readRecording(
  raw: unknown,
  wanted: SamplesWanted = () => Infinity,
  context: ProcessContext = { training: false },
): Promise<Recording> {
  const { channels, sampleRate } = await decoded(raw, wanted, context);
  const where = typeof raw === 'string' ? raw : undefined;
  try {
    checkSampleRate(sampleRate);
    checkLengths(channels);
    const cut = channels.map((channel) => channel.subarray(0, wanted(sampleRate)));
    checkFinite(cut);
    return { channels: cut, sampleRate };
  } catch (error) {
    throw where !== undefined && error instanceof SampleError ? error.at(where) : error;
  }
}

async function decoded(raw: unknown, wanted: SamplesWanted, context: ProcessContext): Promise<Recording> {
  if (typeof raw === 'string') return decodeAudio(await readAudioFile(raw, context), raw, wanted);
  if (raw instanceof Uint8Array) return decodeAudio(raw, undefined, wanted);
  const { samples, sampleRate } = (typeof raw === 'object' && raw !== null ? raw : {}) as Record<string, unknown>;
  const channels = samples instanceof Float32Array ? [samples] : samples;
  if (Array.isArray(channels) && channels.every((channel) => channel instanceof Float32Array)) {
    return { channels, sampleRate: sampleRate as number };
  }
  if (samples === undefined)
    throw unreadableValue(raw, 'a path, the bytes of an audio file, or { samples, sampleRate }');
  throw new SampleError({
    expected: 'samples in a Float32Array, or in one for each channel',
    received: describeValue(samples),
    hint: 'Of 16-bit integers make Float32Array.from(samples, (value) => value / 32768).',
  });
}

function readAudioFile(path: string, context: ProcessContext): Promise<Uint8Array> {
  return readSampleFile(path, context, 'an audio file', (path) => readRegularFile(path, { maxBytes: maxFileBytes }));
}

function checkLengths(channels: readonly Float32Array[]): void {
  const length = channels[0]?.length ?? 0;
  const detached = channels.some(isDetached);
  if (length === 0 || detached) {
    throw new SampleError({
      expected: 'samples',
      received: detached ? 'an array whose buffer was transferred' : 'none',
      hint: detached ? 'Hand over a copy: samples.slice().' : 'Leave the modality out where there is no sound.',
    });
  }
  if (channels.some((channel) => channel.length !== length)) {
    const lengths = channels.slice(0, 8).map((channel) => channel.length);
    throw new SampleError({
      expected: 'channels of one length',
      received: `lengths ${lengths.join(', ')}${channels.length > 8 ? ' …' : ''}`,
      hint: 'Pad the shorter ones.',
    });
  }
}

function checkFinite(channels: readonly Float32Array[]): void {
  for (const channel of channels) {
    const index = channel.findIndex((value) => !Number.isFinite(value));
    if (index >= 0) {
      throw new SampleError({
        expected: 'finite samples',
        received: `${channel[index]} at sample ${index}`,
        hint: 'Repair or drop the recording.',
      });
    }
  }
}
