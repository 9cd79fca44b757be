import { SampleError } from '@polymodal/core';
import { viewOf } from './chunks';
import type { Pcm, SampleEncoding } from './pcm';

/**
 * The sound in an AU file of Sun and NeXT (audio/basic), or in one with all numbers turned round (`dns.`).
 *
 * @param bytes from `.snd` on
 * @throws SampleError for a cut header or compressed sound
 */
export function readAu(bytes: Uint8Array): Pcm {
  if (bytes.length < 24) {
    throw new SampleError({
      expected: 'an AU file with a header of 24 bytes',
      received: `${bytes.length} bytes`,
      hint: 'The file is cut short.',
    });
  }
  const littleEndian = bytes[0] === 0x64; // "dns."
  const [start, size, encoding, sampleRate, numChannels] = [4, 8, 12, 16, 20].map((at) =>
    viewOf(bytes).getUint32(at, littleEndian),
  );
  const known = encodings[encoding];
  if (!known) {
    throw new SampleError({
      expected: 'an AU file of PCM, floats, A-law or µ-law',
      received: `one of encoding ${encoding}`,
      hint: 'Convert it first, for example with: ffmpeg -i in.au out.wav',
    });
  }
  const [name, bytesPerSample] = known;
  // A size of 2³² − 1 is one that the writer did not know.
  return {
    encoding: name,
    bytesPerSample,
    littleEndian,
    numChannels,
    sampleRate,
    data: bytes.subarray(start, start + size),
  };
}

const encodings: Readonly<Record<number, readonly [encoding: SampleEncoding, bytesPerSample: number]>> = {
  1: ['µ-law', 1],
  2: ['integer', 1],
  3: ['integer', 2],
  4: ['integer', 3],
  5: ['integer', 4],
  6: ['float', 4],
  7: ['float', 8],
  27: ['A-law', 1],
};
