import { isDetached, PolymodalError, requireArgument, SampleError } from '@polymodal/core';
import { readAiff } from './formats/aiff-file';
import { readAu } from './formats/au-file';
import { type AudioFormat, audioFormat } from './formats/audio-format';
import { decodeCompressed } from './formats/compressed';
import { checkPcm, decodePcm, type Pcm } from './formats/pcm';
import { readWave } from './formats/wave-file';
import type { Recording, SamplesWanted } from './recording';
import { checkSampleRate } from './resample';

/**
 * Decodes a WAV, AIFF, AU, FLAC, MP3 or OGG (Vorbis, Opus, FLAC) file, told by its first bytes and not by its name. Of a file
 * that is cut short it yields what is there.
 *
 * ```ts
 * const { channels, sampleRate } = await decodeAudio(await readFile('bark.ogg'), 'bark.ogg');
 * ```
 *
 * @param where how error messages call the file
 * @param wanted stops there, without decoding the rest
 * @throws SampleError for another format, a damaged file, or one without sound in it, ConfigError for what are no bytes
 */
export async function decodeAudio(
  file: Uint8Array,
  where?: string,
  wanted: SamplesWanted = () => Infinity,
): Promise<Recording> {
  requireArgument(file instanceof Uint8Array, 'decodeAudio', 'the bytes of an audio file', file);
  try {
    const recording = await decode(file, wanted);
    if (recording.channels.length > 0 && recording.channels[0].length > 0) return recording;
    throw new SampleError({
      expected: 'a file with sound in it',
      received: 'one without a single sample',
      hint: 'The file ends after its header, or its header is broken. Leave the modality out where there is no sound.',
    });
  } catch (error) {
    throw where !== undefined && PolymodalError.isInstance(error) ? error.at(where) : error;
  }
}

async function decode(file: Uint8Array, wanted: SamplesWanted): Promise<Recording> {
  const announced = file.length > 0 ? audioFormat(file) : undefined;
  if (!announced || 'other' in announced) throw unknownFormat(file, announced?.other);
  const { format } = announced;
  const bytes = file.subarray(announced.start);
  const readHeader = headers[format];
  if (!readHeader) return decodeCompressed(format, bytes, wanted);
  const pcm = readHeader(bytes);
  checkPcm(pcm);
  checkSampleRate(pcm.sampleRate);
  return { channels: decodePcm(pcm, wanted(pcm.sampleRate)), sampleRate: pcm.sampleRate };
}

/** Of the formats that hold samples as they are. */
const headers: Readonly<Partial<Record<AudioFormat, (bytes: Uint8Array) => Pcm>>> = {
  WAV: readWave,
  AIFF: readAiff,
  AU: readAu,
};

function unknownFormat(file: Uint8Array, name: string | undefined): SampleError {
  const nothing = isDetached(file) ? 'bytes whose buffer was transferred' : 'an empty file';
  return new SampleError({
    expected: 'a WAV, AIFF, AU, FLAC, MP3 or OGG file',
    received: file.length === 0 ? nothing : name ? `a file of the format ${name}` : 'bytes of no audio format',
    hint: name
      ? 'Convert it first, for example with: ffmpeg -i in.m4a out.wav'
      : 'The file may be corrupt, cut short, or no sound at all.',
  });
}
