import { SampleError } from '@polymodal/core';
import { readChunks, viewOf } from './chunks';
import type { Pcm, SampleEncoding } from './pcm';

/**
 * The sound in a WAV file: RIFF, RIFX (the same with big-endian numbers), RF64 and BW64 (EBU Tech 3306, ITU-R BS.2088: sizes
 * of 64 bits). Its `data` chunk lasts to the end of the file where a writer that did not know its size left 0xFFFFFFFF, or
 * never came back to fill the sizes in.
 *
 * @param bytes from `RIFF` on
 * @throws SampleError for a header that says no or an unknown encoding, or a file without `data`
 */
export function readWave(bytes: Uint8Array): Pcm {
  const littleEndian = bytes[3] !== 0x58; // "RIFX"
  const unfinished = isUnfinished(bytes, littleEndian);
  let format: Format | undefined;
  let longDataSize: number | undefined;
  let sound: Pcm | undefined;
  const sizeOf = (id: string, size: number) => (id === 'data' && size === unknownSize ? (longDataSize ?? size) : size);
  for (const { id, size, body } of readChunks(bytes, 12, littleEndian, sizeOf)) {
    if (id === 'ds64' && body.length >= 16) longDataSize = Number(viewOf(body).getBigUint64(8, littleEndian));
    if (id === 'fmt ') format = readFormat(body, littleEndian);
    if (id === 'data') {
      if (!format) throw unreadable('a "data" chunk before the "fmt " chunk that describes it');
      if (sound) throw unreadable('two "data" chunks');
      sound = { ...format, littleEndian, data: body };
      if (size === 0 && unfinished) return { ...sound, data: bytes.subarray(body.byteOffset - bytes.byteOffset) };
    }
  }
  if (sound) return sound;
  throw unreadable(format ? 'one without a "data" chunk' : 'one without a "fmt " chunk');
}

/** Of the whole or of `data`, where it does not fit into 32 bits or is not known. */
const unknownSize = 0xffffffff;

/** Whether the size of the whole is still what libsndfile and others write there first. */
function isUnfinished(bytes: Uint8Array, littleEndian: boolean): boolean {
  return bytes.length >= 8 && viewOf(bytes).getUint32(4, littleEndian) === 8;
}

type Format = Pick<Pcm, 'encoding' | 'bytesPerSample' | 'numChannels' | 'sampleRate'>;

/** WAVEFORMAT, WAVEFORMATEX or WAVEFORMATEXTENSIBLE (Microsoft, mmreg.h). */
function readFormat(body: Uint8Array, littleEndian: boolean): Format {
  if (body.length < 16) throw unreadable(`a "fmt " chunk of ${body.length} bytes, where 16 are needed`);
  const view = viewOf(body);
  const short = (at: number) => view.getUint16(at, littleEndian);
  const isExtensible = short(0) === 0xfffe && body.length >= 40;
  const tag = isExtensible ? short(24) : short(0);
  const numChannels = short(2);
  const bits = short(14);
  const encoding = tag === 1 && bits <= 8 ? 'unsigned' : encodings[tag];
  if (!encoding) {
    const name = codecs[tag] ?? `the codec 0x${tag.toString(16).padStart(4, '0')}`;
    throw new SampleError({
      expected: 'a WAV file of PCM, floats, A-law or µ-law',
      received: `one of ${name}`,
      hint: 'Convert it first, for example with: ffmpeg -i in.wav -c:a pcm_s16le out.wav',
    });
  }
  // 12 or 20 bits stand at the upper end of their bytes, so that they are scaled as 16 or 24.
  return { encoding, bytesPerSample: Math.ceil(bits / 8), numChannels, sampleRate: view.getUint32(4, littleEndian) };
}

const encodings: Readonly<Record<number, SampleEncoding>> = { 1: 'integer', 3: 'float', 6: 'A-law', 7: 'µ-law' };

/** What else WAV files are made of (RFC 2361). */
const codecs: Readonly<Record<number, string>> = {
  2: 'Microsoft ADPCM',
  17: 'IMA ADPCM',
  20: 'G.723 ADPCM',
  49: 'GSM 6.10',
  64: 'G.721 ADPCM',
  80: 'MPEG audio',
  85: 'MP3',
  255: 'AAC',
  352: 'Windows Media Audio',
  353: 'Windows Media Audio',
  8192: 'AC-3',
  61868: 'FLAC',
};

function unreadable(received: string): SampleError {
  return new SampleError({
    expected: 'a WAV file that says how its sound is written',
    received,
    hint: 'The file is cut short or damaged; open it in an audio editor and save it again.',
  });
}
