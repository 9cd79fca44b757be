import { SampleError } from '@polymodal/core';
import { expandALaw, expandMuLaw } from './companding';

/** How one sample is written. Integers and floats have as many bits as fill their bytes. */
export type SampleEncoding = 'integer' | 'unsigned' | 'float' | 'A-law' | 'µ-law';

/** Uncompressed sound, as the header of a file describes it. */
export interface Pcm {
  readonly encoding: SampleEncoding;
  readonly bytesPerSample: number;
  readonly littleEndian: boolean;
  readonly numChannels: number;
  /** Hz */
  readonly sampleRate: number;
  /** The frames, one sample of each channel after another; the last may be cut off. */
  readonly data: Uint8Array;
}

/** @throws SampleError for what {@link decodePcm} cannot read */
export function checkPcm({ encoding, bytesPerSample, numChannels }: Pcm): void {
  if (numChannels < 1 || numChannels > maxChannels) {
    throw new SampleError({
      expected: `a header with 1 to ${maxChannels} channels`,
      received: String(numChannels),
      hint: 'The header is damaged.',
    });
  }
  if (!sampleSizes[encoding].includes(bytesPerSample)) {
    throw new SampleError({
      expected: `samples of ${sampleSizes[encoding].map((bytes) => 8 * bytes).join(', ')} bits (${encoding})`,
      received: `${8 * bytesPerSample} bits`,
      hint: 'Convert the file first, for example with: ffmpeg -i in.wav -c:a pcm_s16le out.wav',
    });
  }
}

/** As libsndfile, which takes more for a damaged header. */
const maxChannels = 1024;

const sampleSizes: Readonly<Record<SampleEncoding, readonly number[]>> = {
  integer: [1, 2, 3, 4],
  unsigned: [1],
  float: [4, 8],
  'A-law': [1],
  'µ-law': [1],
};

/**
 * The first frames of uncompressed sound, by channel. Integers of b bits are divided by 2^(b − 1), as libsndfile does, so that
 * the lowest is −1.
 */
export function decodePcm(pcm: Pcm, maxFrames: number): Float32Array[] {
  const { bytesPerSample, numChannels, data } = pcm;
  const stride = bytesPerSample * numChannels;
  const frames = Math.min(Math.floor(data.length / stride), maxFrames);
  const sample = sampleReader(pcm);
  return Array.from({ length: numChannels }, (_, channel) => {
    const values = new Float32Array(frames);
    let at = channel * bytesPerSample;
    for (let frame = 0; frame < frames; frame++, at += stride) values[frame] = sample(at);
    return values;
  });
}

function sampleReader({ encoding, bytesPerSample, littleEndian, data }: Pcm): (at: number) => number {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  if (encoding === 'unsigned') return (at) => (data[at] - 128) / 2 ** 7;
  if (encoding === 'A-law') return (at) => expandALaw(data[at]) / 2 ** 15;
  if (encoding === 'µ-law') return (at) => expandMuLaw(data[at]) / 2 ** 15;
  if (encoding === 'float') {
    return bytesPerSample === 4 ? (at) => view.getFloat32(at, littleEndian) : (at) => view.getFloat64(at, littleEndian);
  }
  if (bytesPerSample === 1) return (at) => view.getInt8(at) / 2 ** 7;
  if (bytesPerSample === 2) return (at) => view.getInt16(at, littleEndian) / 2 ** 15;
  if (bytesPerSample === 4) return (at) => view.getInt32(at, littleEndian) / 2 ** 31;
  const high = littleEndian ? 2 : 0;
  return (at) => ((view.getInt8(at + high) << 16) | (data[at + 1] << 8) | data[at + 2 - high]) / 2 ** 23;
}
