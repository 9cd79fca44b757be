import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ConfigError, isRecord } from '@polymodal/core';
import { progressBar } from '@polymodal/trainer';
import { mebibytes } from '../command/mebibytes';
import { textTable } from '../command/text-table';
import type { Surroundings } from '../surroundings';
import { type MemoryUse, memoryUses } from './memory-use';

const run = promisify(execFile);

/** Bytes at a size of batches; or why they are not known, for want of memory say. */
export type MemoryAt = { readonly batchSize: number } & Readonly<Record<MemoryUse, number | string>>;

/**
 * What memory a model takes to answer and to learn at sizes of batches, each found out in a process of its own: what one has taken, it keeps.
 *
 * @param args of the command line that tells such a process of the model
 * @throws ConfigError where this command cannot be run again
 */
export async function memoryAt(
  args: readonly string[],
  batchSizes: readonly number[],
  { again, messages }: Surroundings,
  signal: AbortSignal,
): Promise<MemoryAt[]> {
  if (!again) {
    throw new ConfigError({
      where: '--batch-sizes',
      expected: 'a process that can be run again, as that of the command polymodal',
      received: 'none',
    });
  }
  const bar = progressBar(messages);
  bar.start('Measuring memory', batchSizes.length * memoryUses.length);
  const found: MemoryAt[] = [];
  let done = 0;
  try {
    for (const batchSize of batchSizes) {
      const uses: [MemoryUse, number | string][] = [];
      for (const use of memoryUses) {
        bar.update(done++, `${use}, batches of ${batchSize}`);
        uses.push([use, await peakOf([...again, ...args, '--measure', `${use}:${batchSize}`, '--json'], signal)]);
      }
      found.push({ batchSize, ...(Object.fromEntries(uses) as Record<MemoryUse, number | string>) });
    }
  } finally {
    bar.stop();
  }
  return found;
}

/** The same as a table. */
export function memoryTable(found: readonly MemoryAt[]): string {
  const cell = (own: number | string) => (typeof own === 'number' ? mebibytes(own) : 'not known');
  const rows = found.map((own) => [own.batchSize, ...memoryUses.map((use) => cell(own[use]))]);
  const [why] = found.flatMap((own) => memoryUses.map((use) => own[use])).filter((own) => typeof own === 'string');
  const said = 'The whole process, at most; learning as the run does, with its features.';
  return [textTable([['memory, samples at a time', ...memoryUses], ...rows]), said, why && `Not known: ${why}`]
    .filter(Boolean)
    .join('\n');
}

async function peakOf([program, ...args]: readonly string[], signal: AbortSignal): Promise<number | string> {
  try {
    const { stdout } = await run(program, args, { signal, maxBuffer: 2 ** 26 });
    return (JSON.parse(stdout) as { readonly peak: number }).peak;
  } catch (error) {
    signal.throwIfAborted();
    return reason(error as Partial<Record<'stdout' | 'signal' | 'stderr', string>>);
  }
}

function reason({ stdout = '', signal, stderr = '' }: Partial<Record<'stdout' | 'signal' | 'stderr', string>>): string {
  try {
    const { error } = JSON.parse(stdout) as { readonly error?: unknown };
    if (isRecord(error)) return String(error.message);
  } catch {
    // it came to its end without a word
  }
  return signal ? `the process was ended (${signal}), most likely for want of memory` : stderr.trim().slice(-500);
}
