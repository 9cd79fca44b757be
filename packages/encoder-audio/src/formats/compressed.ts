import { describeThrown, SampleError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Recording, SamplesWanted } from '../recording';
import type { AudioFormat } from './audio-format';
import { checkOggPages } from './ogg-pages';

/** Decodes a file piece by piece. */
interface StreamDecoder {
  decode(piece: Uint8Array): Decoded;
  /** What is left at the end of the file. */
  flush?(): Decoded;
  free(): void;
}

interface Decoded {
  readonly channelData: readonly Float32Array[];
  readonly sampleRate: number;
  /** Of FLAC's integers. */
  readonly bitDepth?: number;
}

/** Loaded when a file of the format comes: they bring WebAssembly along. */
const decoders: Readonly<Partial<Record<AudioFormat, () => Promise<{ decoder(): Promise<StreamDecoder> }>>>> = {
  FLAC: () => import('@audio/decode-flac'),
  MP3: () => import('@audio/decode-mp3'),
  'Ogg FLAC': () => import('@audio/decode-flac'),
  'Ogg Vorbis': () => import('@audio/decode-vorbis'),
  'Ogg Opus': () => import('@audio/decode-opus'),
};

/** Bytes that are decoded at once: some seconds. */
const pieceLength = 2 ** 16;

/**
 * Decodes FLAC, MP3 and OGG, up to where enough samples are there.
 *
 * @throws SampleError for a damaged file, and for one whose sample rate or channels change on the way
 */
export async function decodeCompressed(
  format: AudioFormat,
  bytes: Uint8Array,
  wanted: SamplesWanted,
): Promise<Recording> {
  if (format.startsWith('Ogg')) checkOggPages(bytes);
  const pieces: Decoded[] = [];
  let length = 0;
  let enough = Infinity;
  const add = (decoded: Decoded | undefined) => {
    if (!decoded?.channelData[0]?.length) return;
    pieces.push(decoded);
    length += decoded.channelData[0].length;
    enough = wanted(decoded.sampleRate);
  };
  try {
    const stream = await (await decoders[format]!()).decoder();
    try {
      for (let at = 0; at < bytes.length && length < enough; at += pieceLength) {
        if (at > 0) await tf.nextFrame(); // whoever wants no more is heard
        add(stream.decode(bytes.slice(at, at + pieceLength))); // a copy: not all decoders respect byteOffset
      }
      if (length < enough) add(stream.flush?.());
    } finally {
      stream.free();
    }
  } catch (cause) {
    throw new SampleError({
      expected: `a readable ${format} file`,
      received: `a file that its decoder refuses (${describeThrown(cause)})`,
      hint: 'The file is corrupt or of an unsupported kind; open it in an audio editor and save it again.',
      cause,
    });
  }
  const { channels, sampleRate } = joined(pieces, Math.min(length, enough), format);
  if (format === 'FLAC' || format === 'Ogg FLAC') {
    if (length > 0 && length < enough) checkLength(length, bytes);
    rescale(channels, pieces[0]?.bitDepth ?? 16);
  }
  // The decoder of MP3 always gives two channels, of mono sound the same ones.
  return { channels: format === 'MP3' && isMono(bytes) ? channels.slice(0, 1) : channels, sampleRate };
}

/**
 * The decoder leaves frames out that do not fit their checksums, and what follows moves up.
 *
 * @throws SampleError for fewer samples than STREAMINFO says (RFC 9639, section 8.2), where it says a number
 */
function checkLength(length: number, bytes: Uint8Array): void {
  const start = bytes[0] === 0x66 ? 0 : 27 + bytes[26] + 9; // "fLaC", or an Ogg page whose packet has it behind 9 bytes
  const info = bytes.subarray(start + 8, start + 8 + 18);
  const total = (info[13] & 15) * 2 ** 32 + new DataView(info.buffer, info.byteOffset).getUint32(14);
  if (length >= total) return;
  throw new SampleError({
    expected: `a FLAC file with the ${total} samples that its header says`,
    received: `one of which ${length} can be read`,
    hint: 'The file is cut short or damaged: fetch or copy it again.',
  });
}

/** From the decoder's scale, in which the highest integer of b bits is 1, to the one in which the lowest is −1, exactly. */
function rescale(channels: readonly Float32Array[], bitDepth: number): void {
  const highest = 2 ** (bitDepth - 1) - 1;
  for (const channel of channels) {
    for (let i = 0; i < channel.length; i++) channel[i] = Math.round(channel[i] * highest) / (highest + 1);
  }
}

/** Whether the first frame of MPEG audio says that there is one channel (ISO 11172-3, section 2.4.2.3, "mode"). */
function isMono(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[3] >> 6 === 3;
}

function joined(pieces: readonly Decoded[], length: number, format: AudioFormat): Recording {
  if (pieces.length === 0) return { channels: [], sampleRate: 1 };
  const [{ channelData, sampleRate }] = pieces;
  const other = pieces.find(
    (piece) => piece.sampleRate !== sampleRate || piece.channelData.length !== channelData.length,
  );
  if (other) {
    const kind = ({ channelData, sampleRate }: Decoded) => `${channelData.length} channels at ${sampleRate} Hz`;
    throw new SampleError({
      expected: `a ${format} file of one kind throughout, ${kind(pieces[0])}`,
      received: `one that goes on with ${kind(other)}`,
      hint: 'It consists of several recordings: split it.',
    });
  }
  const channels = channelData.map((_, channel) => {
    const values = new Float32Array(length);
    let at = 0;
    for (const piece of pieces) {
      values.set(piece.channelData[channel].subarray(0, length - at), at);
      at += Math.min(piece.channelData[channel].length, length - at);
    }
    return values;
  });
  return { channels, sampleRate };
}
