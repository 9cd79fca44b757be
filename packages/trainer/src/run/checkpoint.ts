import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  decodeSafetensors,
  encodeSafetensors,
  type Model,
  type NamedTensor,
  readParameters,
  writeParameters,
} from '@polymodal/core';
import { replaceFile } from '@polymodal/core/node';
import type { AdamW, OptimizerState } from '../optimizers/adamw';
import type { EpochRecord, EpochTotals } from './epoch-record';

/** Where training stands, apart from parameters and moments. Randomness needs no state: it follows from these numbers. */
export interface Position {
  /** Steps taken. */
  readonly step: number;
  /** Epoch and batch in it that come next, from 0. */
  readonly epoch: number;
  readonly batch: number;
  readonly totals: EpochTotals;
  readonly history: readonly EpochRecord[];
  /** Seconds of training so far. */
  readonly seconds: number;
  /** Length of the metrics file. */
  readonly metricsBytes: number;
}

interface Manifest {
  readonly sha256: string;
  readonly position: Position;
  readonly bundles: OptimizerState['bundles'];
}

/** How many checkpoints are kept. Two, so that a damaged one leaves the one before it. */
const kept = 2;

/**
 * The checkpoints of a run: for each a safetensors file with parameters and moments, and a manifest with its checksum
 * and the position. The manifest is written when the tensors are on the disk, under its name at once and whole, so a
 * crash at any moment leaves the newest complete checkpoint in force.
 */
export class CheckpointFolder {
  constructor(private readonly directory: string) {}

  async save(model: Model, optimizer: AdamW, position: Position): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    const { bundles, tensors } = await optimizer.state();
    const file = encodeSafetensors(
      new Map([...prefixed('model.', await readParameters(model)), ...prefixed('optimizer.', tensors)]),
    );
    const manifest: Manifest = { sha256: sha256(file), position, bundles };
    const name = String(position.step).padStart(9, '0');
    await replaceFile(join(this.directory, `${name}.safetensors`), file);
    await replaceFile(join(this.directory, `${name}.json`), JSON.stringify(manifest));
    await this.#prune(position.step);
  }

  /**
   * Puts model and optimiser into the newest state that is whole.
   *
   * @param warn is told of checkpoints that are damaged
   * @returns the position, or `undefined` if there is no checkpoint
   */
  async restore(model: Model, optimizer: AdamW, warn: (message: string) => void): Promise<Position | undefined> {
    for (const name of (await this.#names()).reverse()) {
      const path = join(this.directory, `${name}.safetensors`);
      const read = await readChecked(path, join(this.directory, `${name}.json`));
      if (!read) {
        warn(`The checkpoint ${path} is damaged; taking the one before it.`);
        continue;
      }
      const { tensors } = decodeSafetensors(read.file, path);
      writeParameters(model, withoutPrefix('model.', tensors), path);
      optimizer.restore({ bundles: read.manifest.bundles, tensors: withoutPrefix('optimizer.', tensors) });
      return read.manifest.position;
    }
    return undefined;
  }

  /** The names of checkpoints with a manifest, oldest first. */
  async #names(): Promise<string[]> {
    const files = await readdir(this.directory).catch(() => []);
    return files.flatMap((file) => /^(\d{9,})\.json$/.exec(file)?.[1] ?? []).sort((a, b) => Number(a) - Number(b));
  }

  /** Removes older checkpoints, and what crashes left behind: anything that claims to be newer than the one just saved. */
  async #prune(newest: number): Promise<void> {
    const names = new Set((await this.#names()).filter((name) => Number(name) <= newest).slice(-kept));
    for (const file of await readdir(this.directory)) {
      if (!names.has(file.replace(/\.(json|safetensors)$/, ''))) await rm(join(this.directory, file), { force: true });
    }
  }
}

/** A checkpoint whose tensors are those that its manifest vouches for. */
async function readChecked(path: string, manifestPath: string) {
  try {
    const manifest: Manifest = JSON.parse(await readFile(manifestPath, 'utf8'));
    const file = await readFile(path);
    return sha256(file) === manifest.sha256 ? { file, manifest } : undefined;
  } catch {
    return undefined;
  }
}

function sha256(file: Uint8Array): string {
  return createHash('sha256').update(file).digest('hex');
}

function prefixed(prefix: string, tensors: ReadonlyMap<string, NamedTensor>): [string, NamedTensor][] {
  return [...tensors].map(([name, tensor]) => [prefix + name, tensor]);
}

function withoutPrefix(prefix: string, tensors: ReadonlyMap<string, NamedTensor>): Map<string, NamedTensor> {
  return new Map(
    [...tensors].flatMap(([name, tensor]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), tensor] as const] : [],
    ),
  );
}
