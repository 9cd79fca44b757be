import { SampleError } from '@polymodal/core';
import { readChunks, viewOf } from './chunks';
import type { Pcm, SampleEncoding } from './pcm';

/**
 * The sound in an AIFF or AIFF-C file (Apple 1989, 1991).
 *
 * @param bytes from `FORM` on
 * @throws SampleError for a file without description or sound, or with compressed sound
 */
export function readAiff(bytes: Uint8Array): Pcm {
  let common: Common | undefined;
  let sound: Uint8Array | undefined;
  for (const { id, body } of readChunks(bytes, 12, false)) {
    if (id === 'COMM') common ??= readCommon(body);
    if (id === 'SSND' && body.length >= 8) sound ??= body.subarray(8 + viewOf(body).getUint32(0));
  }
  if (!common) throw unreadable('one without a "COMM" chunk');
  if (!sound && common.numFrames > 0) throw unreadable('one without a "SSND" chunk');
  const { numFrames, ...format } = common;
  const length = numFrames * format.numChannels * format.bytesPerSample;
  return { ...format, data: sound?.subarray(0, length) ?? new Uint8Array(0) };
}

interface Common extends Omit<Pcm, 'data'> {
  readonly numFrames: number;
}

function readCommon(body: Uint8Array): Common {
  if (body.length < 18) throw unreadable(`a "COMM" chunk of ${body.length} bytes, where 18 are needed`);
  const view = viewOf(body);
  const compression = body.length >= 22 ? String.fromCharCode(...body.subarray(18, 22)) : 'NONE';
  const known = compressions[compression];
  if (!known) {
    throw new SampleError({
      expected: 'an AIFF file of PCM, floats, A-law or µ-law',
      received: `one of compression "${compression}"`,
      hint: 'Convert it first, for example with: ffmpeg -i in.aiff out.wav',
    });
  }
  return {
    encoding: known.encoding,
    littleEndian: known.littleEndian ?? false,
    bytesPerSample: known.bytes ?? Math.ceil(view.getUint16(6) / 8),
    numChannels: view.getUint16(0),
    numFrames: view.getUint32(2),
    sampleRate: extended(view, 8),
  };
}

interface Compression {
  readonly encoding: SampleEncoding;
  readonly bytes?: number;
  readonly littleEndian?: boolean;
}

/** By their codes in AIFF-C; of those without `bytes` the chunk says the bits of a sample. */
const compressions: Readonly<Record<string, Compression>> = {
  NONE: { encoding: 'integer' },
  twos: { encoding: 'integer' },
  sowt: { encoding: 'integer', littleEndian: true },
  in24: { encoding: 'integer', bytes: 3 },
  in32: { encoding: 'integer', bytes: 4 },
  '42n1': { encoding: 'integer', bytes: 3, littleEndian: true },
  '23ni': { encoding: 'integer', bytes: 4, littleEndian: true },
  'raw ': { encoding: 'unsigned' },
  fl32: { encoding: 'float', bytes: 4 },
  FL32: { encoding: 'float', bytes: 4 },
  fl64: { encoding: 'float', bytes: 8 },
  FL64: { encoding: 'float', bytes: 8 },
  alaw: { encoding: 'A-law', bytes: 1 },
  ALAW: { encoding: 'A-law', bytes: 1 },
  ulaw: { encoding: 'µ-law', bytes: 1 },
  ULAW: { encoding: 'µ-law', bytes: 1 },
};

/** A positive number of 80 bits (IEEE 754 double extended): 15 bits of exponent, then 64 of mantissa. */
function extended(view: DataView, at: number): number {
  const exponent = view.getUint16(at) & 0x7fff;
  return Number(view.getBigUint64(at + 2)) * 2 ** (exponent - 16383 - 63);
}

function unreadable(received: string): SampleError {
  return new SampleError({
    expected: 'an AIFF file that says how its sound is written',
    received,
    hint: 'The file is cut short or damaged; open it in an audio editor and save it again.',
  });
}
