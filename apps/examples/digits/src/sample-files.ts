import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '@polymodal/core/node';
import type { DigitSample } from './data';
import { digitPng } from './report/pictures';

/** A sample as files and a word, as a user has it. */
export interface SampleFiles {
  readonly image: string;
  readonly audio: string;
  readonly text: string;
  readonly digit: number;
}

/** Writes samples as PNG and WAV files, to try the saved model on. */
export async function writeSampleFiles(directory: string, samples: readonly DigitSample[]): Promise<SampleFiles[]> {
  await mkdir(directory, { recursive: true });
  return Promise.all(
    samples.map(async (sample, index) => {
      const image = join(directory, `${index}.png`);
      const audio = join(directory, `${index}.wav`);
      await replaceFile(image, await digitPng(sample));
      await replaceFile(audio, wav(sample.audio));
      return { image, audio, text: sample.text, digit: sample.targets.digit };
    }),
  );
}

/** A WAV file: 16-bit PCM, mono. */
function wav({ samples, sampleRate }: DigitSample['audio']): Uint8Array {
  const file = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const ascii = (offset: number, text: string) => {
    for (let i = 0; i < text.length; i++) file.setUint8(offset + i, text.charCodeAt(i));
  };
  ascii(0, 'RIFF');
  file.setUint32(4, 36 + 2 * samples.length, true);
  ascii(8, 'WAVEfmt ');
  file.setUint32(16, 16, true); // length of the format chunk
  file.setUint16(20, 1, true); // PCM
  file.setUint16(22, 1, true); // channels
  file.setUint32(24, sampleRate, true);
  file.setUint32(28, 2 * sampleRate, true); // bytes a second
  file.setUint16(32, 2, true); // bytes a frame
  file.setUint16(34, 16, true); // bits a sample
  ascii(36, 'data');
  file.setUint32(40, 2 * samples.length, true);
  samples.forEach((sample, i) => {
    file.setInt16(44 + 2 * i, Math.round(32767 * Math.max(-1, Math.min(1, sample))), true);
  });
  return new Uint8Array(file.buffer);
}
