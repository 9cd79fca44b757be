import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Looking } from '@polymodal/example-easy-vqa';

/** A question as contenders read it. */
export interface BenchQuestion {
  /** RGB of 64 × 64 pixels, bytes in base64. */
  readonly pixels: string;
  readonly question: string;
  readonly answer: string;
}

/** What all contenders read. */
export interface EasyVqaWorkload {
  readonly looking: Looking;
  /** The folder of the language model. */
  readonly model: string;
  readonly batchSize: number;
  readonly learningRate: number;
  /** How often the questions are gone through. */
  readonly epochs: number;
  /** Of the pictures' values, which lie between 0 and 1. */
  readonly mean: number;
  readonly std: number;
  readonly questions: readonly BenchQuestion[];
}

/** Initial values of what learns, which ours writes and others begin with too. */
export const weightsFile = 'weights.safetensors';

const fileName = 'workload.json';

export function writeWorkload(folder: string, workload: EasyVqaWorkload): void {
  writeFileSync(join(folder, fileName), JSON.stringify(workload));
}

export function readWorkload(folder: string): EasyVqaWorkload {
  return JSON.parse(readFileSync(join(folder, fileName), 'utf8')) as EasyVqaWorkload;
}
