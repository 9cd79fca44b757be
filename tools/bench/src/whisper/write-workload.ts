import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Heard, inSixteenBits, joined, sampleRate } from './recordings';
import { waveFile } from './wave-file';
import { type WhisperWorkload, workloadFile } from './workload';

/** Writes recordings of some kinds: short ones singly, a long one, and a batch of mixed lengths. */
export function writeWorkload(
  folder: string,
  model: string,
  recordings: readonly Heard[],
  quick: boolean,
): WhisperWorkload {
  const spoken = recordings.filter(({ text }) => text !== undefined);
  const all = joined(
    spoken.map(({ samples }) => samples),
    0.5,
  );
  const cut = (seconds: number, from = 0) => all.subarray(from * sampleRate, Math.round((from + seconds) * sampleRate));
  const write = (of: string, sounds: readonly Float32Array[]) => {
    mkdirSync(join(folder, of), { recursive: true });
    return sounds.map((own, index) => {
      const path = join(folder, of, `${String(index).padStart(2, '0')}.wav`);
      writeFileSync(path, waveFile(inSixteenBits(own), sampleRate));
      return path;
    });
  };
  const short = spoken.filter(({ samples }) => samples.length < 10 * sampleRate).slice(0, quick ? 2 : 8);
  const mixed = [2.5, 25, 4, 1.5, 12, 3, 2, 6].slice(0, quick ? 4 : 8);
  const workload: WhisperWorkload = {
    model,
    cases: {
      short: {
        files: write(
          'short',
          short.map(({ samples }) => samples),
        ),
        batch: 1,
      },
      long: { files: write('long', [cut(quick ? 40 : 90)]), batch: 1 },
      mixed: {
        files: write(
          'mixed',
          mixed.map((seconds, index) => cut(seconds, index === 1 ? 0 : 3 * index)),
        ),
        batch: mixed.length,
      },
    },
  };
  writeFileSync(join(folder, workloadFile), JSON.stringify(workload));
  return workload;
}
