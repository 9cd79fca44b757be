import { createHash } from 'node:crypto';
import { StorageError } from '@polymodal/core';
import { readRegularFile } from '@polymodal/core/files';
import type { HeldFolder } from '@polymodal/core/node';
import { MetricsLog, type MetricsMark, noMetrics } from './metrics-log';
import type { Position } from './position';
import { setAside } from './set-aside';

const name = 'metrics.jsonl';

/** A day of steps of a millisecond each has less. */
const longestFile = 2 ** 31;

/**
 * Opens the metrics of a run at the position that it goes on from. A file that was lost, cut or changed is put together again
 * from what is left of it and from the checkpoint; what was there stays beside it under another name.
 *
 * @param warn is told of such a file
 * @throws StorageError if the file cannot be read or written, FileFormatError for what is no file
 */
export async function openMetrics(
  folder: HeldFolder,
  position: Position,
  warn: (message: string) => void,
): Promise<MetricsLog> {
  const content = await readMetrics(folder);
  const { bytes, sha256 } = position.metrics;
  const kept = content.subarray(0, bytes);
  if (checksum(kept) === sha256) {
    if (!isOwn(content.subarray(bytes))) copyAside(folder, warn, 'has lines of others behind those of the run');
    return new MetricsLog(folder.path(name), kept);
  }
  if (content.length > 0) copyAside(folder, warn, 'was cut or changed');
  const mended = Buffer.from(mendedMetrics(content, position));
  await folder.replaceFile(name, mended);
  warn(`${folder.path(name)} has been put together again from the checkpoint; lines of single steps may be missing.`);
  return new MetricsLog(folder.path(name), mended);
}

/**
 * Keeps a copy of metrics that are about to be removed, unless they are what a run wrote.
 *
 * @param mark of the newest checkpoint that the run has, if it has any
 * @throws StorageError
 */
export async function keepOthersMetrics(folder: HeldFolder, mark: MetricsMark = noMetrics): Promise<void> {
  const content = await readMetrics(folder);
  const isWhole = checksum(content.subarray(0, mark.bytes)) === mark.sha256;
  if (!isWhole || !isOwn(content)) setAside(folder.path(name), copyName(folder));
}

function copyName(folder: HeldFolder): (number: number) => string {
  return (number) => folder.path(`metrics.damaged-${number}.jsonl`);
}

async function readMetrics(folder: HeldFolder): Promise<Uint8Array> {
  try {
    return await readRegularFile(folder.path(name), { maxBytes: longestFile });
  } catch (error) {
    if (error instanceof StorageError && error.systemCode === 'ENOENT') return new Uint8Array();
    throw error;
  }
}

/** Whether these are lines of the run, the last of them perhaps cut by a crash. */
function isOwn(tail: Uint8Array): boolean {
  const lines = new TextDecoder().decode(tail).split('\n').slice(0, -1);
  return lines.every((line) => ['step', 'epoch'].includes(parseLine(line)?.type as string));
}

/** The lines of steps that are whole, with the epochs that the checkpoint knows. */
function mendedMetrics(content: Uint8Array, { step, history }: Position): string {
  const lines: string[] = [];
  const epochs = [...history];
  const endEpochs = (before: number) => {
    while (epochs.length > 0 && epochs[0].step < before)
      lines.push(JSON.stringify({ type: 'epoch', ...epochs.shift() }));
  };
  let last = 0;
  for (const line of new TextDecoder().decode(content).split('\n')) {
    const record = parseLine(line);
    const own = record?.type === 'step' ? Number(record.step) : Number.NaN;
    if (!Number.isSafeInteger(own) || own <= last || own > step) continue;
    endEpochs(own);
    lines.push(line);
    last = own;
  }
  endEpochs(Number.POSITIVE_INFINITY);
  return lines.map((line) => `${line}\n`).join('');
}

function parseLine(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

function copyAside(folder: HeldFolder, warn: (message: string) => void, fault: string): void {
  const copy = setAside(folder.path(name), copyName(folder));
  warn(`${folder.path(name)} ${fault}; a copy of it as it was is ${copy}.`);
}

function checksum(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
