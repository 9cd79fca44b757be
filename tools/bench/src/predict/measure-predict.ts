import { execFileSync } from 'node:child_process';
import { bundle } from '../bundle';
import { measureCold } from '../calls/measure-cold';
import { outputDifference } from '../calls/output-difference';
import type { Program } from '../contender';
import { ratio } from '../figures';
import { predictCases } from './cases';
import { writeGraphs } from './write-graphs';

/** A whole `model.predict(samples)` against the same processors and the exported graphs in onnxruntime-node. */
export async function measurePredict(name: string, folder: string, rounds: number) {
  await writeGraphs(folder);
  const program = async (entry: URL, own: string): Promise<Program> => ({
    command: process.execPath,
    args: [await bundle(entry, own), folder],
  });
  const programs = {
    ours: await program(new URL('./ours.ts', import.meta.url), 'predict-ours'),
    onnxruntime: await program(new URL('./onnxruntime.ts', import.meta.url), 'predict-onnxruntime'),
  };
  const { ours, onnxruntime } = await measureCold(programs, predictCases[name]!, rounds);
  return {
    ours: ours!.figures,
    onnxruntime: onnxruntime!.figures,
    timeRatio: ratio(ours!.figures, onnxruntime!.figures, 'ms'),
    firstResultRatio: ratio(ours!.figures, onnxruntime!.figures, 'firstResultMs'),
    memoryRatio: ratio(ours!.figures, onnxruntime!.figures, 'peakRssBytes'),
    maxDifference: outputDifference(ours!.output, [onnxruntime!.output]),
  };
}

/** One sample at lengths that are new, against the same lengths again: of several rounds, the one in the middle. */
export async function measureNewLengths(rounds: number) {
  const script = await bundle(new URL('./new-lengths.ts', import.meta.url), 'predict-new-lengths');
  const runs = Array.from({ length: rounds }, () => {
    const output = execFileSync(process.execPath, [script], { encoding: 'utf8' });
    return JSON.parse(output.trim().split('\n').at(-1)!) as Record<
      'warmUpMs' | 'newLengthsP90Ms' | 'repeatedP90Ms',
      number
    >;
  });
  const middle = runs.sort((a, b) => a.repeatedP90Ms - b.repeatedP90Ms)[Math.floor(runs.length / 2)]!;
  return { ...middle, newToRepeated: middle.newLengthsP90Ms / middle.repeatedP90Ms };
}
