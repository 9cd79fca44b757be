import { readFile } from 'node:fs/promises';
import { describeValue, SampleError } from '@polymodal/core';
import { decodeAudio } from './decode-audio';
import type { Recording } from './recording';

/** Raw audio: the path of a file, the bytes of one, or samples (one array, or one for each channel). */
export type RawAudio =
  | string
  | Uint8Array
  | { readonly samples: Float32Array | readonly Float32Array[]; readonly sampleRate: number };

const maxSampleRate = 768_000; // the highest that converters offer; beyond it a header is broken

/**
 * Reads what {@link RawAudio} names.
 *
 * @throws SampleError for a missing or unreadable file, no samples, samples that are not finite, or a sample rate out of range
 */
export async function readRecording(raw: unknown): Promise<Recording> {
  const where = typeof raw === 'string' ? raw : undefined;
  return checked(await decoded(raw), where);
}

async function decoded(raw: unknown): Promise<Recording> {
  if (typeof raw === 'string') return decodeAudio(await readAudioFile(raw), raw);
  if (raw instanceof Uint8Array) return decodeAudio(raw);
  const { samples, sampleRate } = (typeof raw === 'object' && raw !== null ? raw : {}) as Record<string, unknown>;
  const channels = samples instanceof Float32Array ? [samples] : samples;
  if (Array.isArray(channels) && channels.every((channel) => channel instanceof Float32Array)) {
    return { channels, sampleRate: sampleRate as number };
  }
  throw new SampleError({
    expected: 'a path, the bytes of an audio file, or { samples: Float32Array or one for each channel, sampleRate }',
    received: samples === undefined ? describeValue(raw) : `samples: ${describeValue(samples)}`,
  });
}

async function readAudioFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    throw new SampleError({
      where: path,
      expected: 'an audio file that can be read',
      received: code === 'ENOENT' ? 'a path where no file is' : `an error (${(cause as Error).message})`,
      hint: `Relative paths start from ${process.cwd()}.`,
      cause,
    });
  }
}

function checked(recording: Recording, where: string | undefined): Recording {
  const { channels, sampleRate } = recording;
  const fail = (expected: string, received: string, hint: string) =>
    new SampleError({ ...(where && { where }), expected, received, hint });
  if (!Number.isInteger(sampleRate) || sampleRate < 1 || sampleRate > maxSampleRate) {
    throw fail(
      `a sample rate from 1 to ${maxSampleRate} Hz`,
      describeValue(sampleRate),
      'It is a whole number of samples a second, like 16000.',
    );
  }
  const length = channels[0]?.length ?? 0;
  if (length === 0) throw fail('samples', 'none', 'Leave the modality out where there is no sound.');
  if (channels.some((channel) => channel.length !== length)) {
    throw fail(
      'channels of one length',
      `lengths ${channels.map((c) => c.length).join(', ')}`,
      'Pad the shorter ones.',
    );
  }
  for (const channel of channels) {
    const index = channel.findIndex((value) => !Number.isFinite(value));
    if (index >= 0) {
      throw fail('finite samples', `${channel[index]} at sample ${index}`, 'Repair or drop the recording.');
    }
  }
  return recording;
}
