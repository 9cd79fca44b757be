/// <reference path="./audio-type.d.ts" />
import { SampleError } from '@polymodal/core';
import audioType from 'audio-type';
import type { Recording } from './recording';

type Decode = (file: Uint8Array) => Decoded | Promise<Decoded>;
interface Decoded {
  readonly channelData: Float32Array[];
  readonly sampleRate: number;
}

/** Decoders by format, loaded when a file of the format comes: most of them bring WebAssembly along. */
const decoders: Readonly<Record<string, () => Promise<{ default: Decode }>>> = {
  wav: () => import('@audio/decode-wav'),
  flac: () => import('@audio/decode-flac'),
  mp3: () => import('@audio/decode-mp3'),
  oga: () => import('@audio/decode-vorbis'),
  opus: () => import('@audio/decode-opus'),
};

const loaded = new Map<string, Promise<{ default: Decode }>>();

/**
 * Decodes a WAV, FLAC, MP3 or OGG (Vorbis, Opus, FLAC) file, told by its first bytes and not by its name. Of a file
 * that is cut short it yields what is there.
 *
 * @throws SampleError for another format, or a file without sound in it
 */
export async function decodeAudio(file: Uint8Array, where?: string): Promise<Recording> {
  const bytes = new Uint8Array(file); // its own buffer: the decoders do not all respect byteOffset
  const format = bytes.length > 0 ? audioType(bytes) : undefined;
  const load = format === undefined ? undefined : decoders[format];
  if (!format || !load) {
    throw new SampleError({
      ...(where && { where }),
      expected: 'a WAV, FLAC, MP3 or OGG file',
      received: bytes.length === 0 ? 'an empty file' : format ? `a file of type ${format}` : 'bytes of no audio format',
      hint: format
        ? 'Convert it first, for example with: ffmpeg -i in.m4a out.wav'
        : 'The file may be corrupt, cut short, or no sound at all.',
    });
  }
  if (!loaded.has(format)) loaded.set(format, load());
  const { channelData: channels, sampleRate } = await decodeWith(await loaded.get(format)!, bytes, format, where);
  if (channels.length === 0 || channels[0].length === 0) {
    throw new SampleError({
      ...(where && { where }),
      expected: `a ${format} file with sound in it`,
      received: 'one without a single sample',
      hint: 'The file ends after its header, or its header is broken. Leave the modality out where there is no sound.',
    });
  }
  return { channels, sampleRate };
}

async function decodeWith(decoder: { default: Decode }, bytes: Uint8Array, format: string, where?: string) {
  try {
    return await decoder.default(bytes);
  } catch (cause) {
    throw new SampleError({
      ...(where && { where }),
      expected: `a readable ${format} file`,
      received: `a file that its decoder refuses (${cause instanceof Error ? cause.message : String(cause)})`,
      hint: 'The file is corrupt or of an unsupported kind; open it in an audio editor and save it again.',
      cause,
    });
  }
}
