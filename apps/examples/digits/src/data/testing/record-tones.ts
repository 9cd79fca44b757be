import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Fills a folder with recordings for tests: every speaker says every digit twice, as a tone of a pitch of its own. */
export async function recordTones(folder: string, speakers: readonly string[]): Promise<void> {
  for (const [n, speaker] of speakers.entries()) {
    const content = toneWav(300 + 200 * n);
    for (let digit = 0; digit < 10; digit++) {
      for (const take of [0, 1]) await writeFile(join(folder, `${digit}_${speaker}_${take}.wav`), content);
    }
  }
}

/** A 16-bit WAV file at 16 kHz: a tone of an eighth of a second between two silences; 0 Hz is silence throughout. */
export function toneWav(hertz: number): Buffer {
  const rate = 16_000;
  const samples = Int16Array.from({ length: rate / 2 }, (_, i) =>
    i > rate / 8 && i < rate / 4 ? 9000 * Math.sin((2 * Math.PI * hertz * i) / rate) : 0,
  );
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16); // length of the format chunk
  header.writeUInt16LE(1, 20); // integer samples
  header.writeUInt16LE(1, 22); // channels
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(2 * rate, 28); // bytes a second
  header.writeUInt16LE(2, 32); // bytes a frame
  header.writeUInt16LE(16, 34); // bits a sample
  header.write('data', 36);
  header.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([header, Buffer.from(samples.buffer)]);
}
