import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeModel, createRegistry, type Model, RandomKey, type Sample } from '@polymodal/core';
import { audio } from '@polymodal/encoder-audio';
import { vision } from '@polymodal/encoder-vision';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import sharp from 'sharp';

/** What is trained on what. */
export interface Stream {
  readonly samples: number;
  readonly batchSize: number;
  /** Pixels of the pictures, which are JPEG, and of what is made of them. */
  readonly picture: {
    readonly width: number;
    readonly height: number;
    readonly imageSize: number;
    readonly patchSize: number;
  };
  /** Seconds of the recordings, which are WAV of 44.1 kHz. */
  readonly seconds: number;
  readonly hiddenSize: number;
  readonly layers: number;
}

export const streams = {
  digits: {
    samples: 256,
    batchSize: 32,
    picture: { width: 32, height: 32, imageSize: 32, patchSize: 8 },
    seconds: 0.5,
    hiddenSize: 64,
    layers: 3,
  },
  /** With towers of the size of ViT-S/16 (Touvron et al. 2021). */
  'pictures-and-sounds': {
    samples: 32,
    batchSize: 8,
    picture: { width: 480, height: 360, imageSize: 224, patchSize: 16 },
    seconds: 2,
    hiddenSize: 384,
    layers: 12,
  },
} as const satisfies Readonly<Record<string, Stream>>;

export function modelOf({ picture, hiddenSize, layers }: Stream): Model {
  const { imageSize, patchSize } = picture;
  const size = { hiddenSize, numHiddenLayers: layers, numAttentionHeads: hiddenSize / 32 };
  return composeModel(createRegistry([vision, audio, fusion, heads]), {
    hiddenSize,
    encoders: {
      photo: { use: 'vit', imageSize, patchSize, ...size },
      sound: { use: 'mel-transformer', ...size },
    },
    fusion: { use: 'mean' },
    heads: { kind: { use: 'classification', labels: ['a', 'b'] } },
  }) as unknown as Model;
}

/** Files of noise on gradients, which compress about as photographs do, and tones. */
export async function writeSamples({ samples, picture, seconds }: Stream, folder: string): Promise<Sample[]> {
  const { width, height } = picture;
  return Promise.all(
    Array.from({ length: samples }, async (_, index) => {
      const key = RandomKey.from(1).fold(index);
      const noise = key.fold('picture').uniform(width * height * 3);
      const pixels = Uint8Array.from(noise, (value, at) => 40 * value + (200 * ((at / 3) % width)) / width);
      const photo = join(folder, `${index}.jpg`);
      await sharp(pixels, { raw: { width, height, channels: 3 } })
        .jpeg({ quality: 90 })
        .toFile(photo);
      const sound = join(folder, `${index}.wav`);
      writeFileSync(sound, wav(key.fold('sound').uniform(Math.round(seconds * rate))));
      return { photo, sound, targets: { kind: index % 2 === 0 ? 'a' : 'b' } };
    }),
  );
}

const rate = 44_100;

/** One channel of 16 bits. */
function wav(values: Float32Array): Buffer {
  const file = Buffer.alloc(44 + 2 * values.length);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + 2 * values.length, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(2 * rate, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(2 * values.length, 40);
  values.forEach((value, at) => file.writeInt16LE(Math.round(20_000 * (value - 0.5)), 44 + 2 * at));
  return file;
}
