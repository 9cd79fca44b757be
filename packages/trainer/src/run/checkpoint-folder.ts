import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  asStorageError,
  FileFormatError,
  finiteValues,
  type Model,
  type NamedTensor,
  StorageError,
} from '@polymodal/core';
import { readRegularFile } from '@polymodal/core/files';
import {
  type HeldFolder,
  readSafetensors,
  type StreamedTensor,
  streamedFloats,
  syncFolder,
  type WrittenFile,
  type WrittenFiles,
  writeShards,
} from '@polymodal/core/node';
import type { Learner } from '../learner';
import type { KeptModel } from './best-models';
import { type CheckpointManifest, decodeManifest, encodeManifest } from './checkpoint-manifest';
import type { MetricsMark } from './metrics-log';
import type { Position } from './position';

/** How many checkpoints are kept. Two, so that a damaged one leaves the one before it. */
const kept = 2;

/** The names that checkpoints have, and no others are ever removed: steps taken, the part of several, what it is. */
const namePattern = /^(\d{9,})(-\d{5}-of-\d{5})?\.(json|safetensors)$/;

const longestManifest = 2 ** 30;

/**
 * The checkpoints of a run: for each one or several safetensors files with parameters, moments and averages, and a manifest with their
 * checksums, its own, and the position. The manifest is put in place when the tensors are on the disk, whole, so a crash at any
 * moment leaves the newest complete checkpoint in force.
 */
export class CheckpointFolder {
  readonly #run: HeldFolder;
  readonly #maxShardSize: number;

  constructor(run: HeldFolder, maxShardSize = 4e9) {
    this.#run = run;
    this.#maxShardSize = maxShardSize;
  }

  /**
   * Writes tensor by tensor: beyond the parameters and moments themselves, memory is taken for one of them.
   *
   * @throws StorageError
   * @throws NonFiniteError for parameters that are spoilt: then the checkpoints from before stay
   */
  async save(model: Model, { optimizer, average }: Learner, position: Position): Promise<void> {
    await this.#run.requireHeld();
    const parameters = [...model.parameters()];
    const name = nameOf(position.step);
    const tensors = [
      ...parameters.map(([path, parameter]) =>
        streamedFloats(`model.${path}`, parameter.shape, () => finiteValues(path, parameter)),
      ),
      ...optimizer.moments().map((own) => streamedFloats(`optimizer.${own.name}`, own.shape, own.read)),
      ...(average?.tensors() ?? []).map((own) => streamedFloats(`average.${own.name}`, own.shape, own.read)),
    ];
    const files = await this.#write(name, tensors);
    const manifest: CheckpointManifest = {
      version: 3,
      position,
      bundles: optimizer.bundles.map(({ paths, steps }) => ({ paths: [...paths], steps })),
      ...(average && { averaged: average.updates }),
      parameters: Object.fromEntries(parameters.map(([path, { shape }]) => [path, [...shape]])),
      files,
    };
    await this.#run.replaceFile(join('checkpoints', `${name}.json`), encodeManifest(manifest));
    await this.#prune(position.step);
  }

  /**
   * Puts model and optimiser into the newest state that is whole.
   *
   * @param learnerOf makes what learns in the stage that a position is in
   * @param warn is told of checkpoints that are damaged
   * @returns the position, or `undefined` if there is no checkpoint yet
   * @throws FileFormatError if there are checkpoints and none is whole
   * @throws StorageError if one cannot be read, which says nothing about its content
   */
  async restore(
    model: Model,
    learnerOf: (position: Position) => Learner,
    warn: (message: string) => void,
  ): Promise<Position | undefined> {
    const faults: string[] = [];
    for (const name of (await this.#names()).reverse()) {
      const manifest = await this.#whole(name, (fault) => {
        faults.push(fault);
        warn(`The checkpoint ${join(this.#directory, `${name}.safetensors`)} is damaged (${fault})`);
      });
      if (!manifest) continue;
      await this.#load(manifest, model, learnerOf(manifest.position));
      return manifest.position;
    }
    if (faults.length === 0) return undefined;
    throw new FileFormatError({
      where: this.#directory,
      expected: 'at least one checkpoint that is whole',
      received: faults.join(' and '),
      hint: 'Nothing has been changed. Put the files back from a copy, or give resume: false to train from the beginning.',
    });
  }

  /** The models of the best epochs that these checkpoints know. */
  async keptModels(): Promise<readonly KeptModel[]> {
    const names = await this.#names();
    const manifests = await Promise.all(names.map((name) => this.#manifest(name).catch(() => undefined))); // a damaged one says nothing
    return manifests.flatMap((manifest) => manifest?.position.kept ?? []);
  }

  /** Where the metrics of the run stood at the newest of these checkpoints that says it. */
  async metricsMark(): Promise<MetricsMark | undefined> {
    const names = await this.#names();
    const manifests = await Promise.all(names.map((name) => this.#manifest(name).catch(() => undefined)));
    const marks = manifests.flatMap((manifest) => (manifest ? [manifest.position.metrics] : []));
    return marks.toSorted((a, b) => b.bytes - a.bytes)[0];
  }

  /** Removes all checkpoints. */
  async clear(): Promise<void> {
    await this.#remove(() => true);
  }

  get #directory(): string {
    return this.#run.path('checkpoints');
  }

  async #write(name: string, tensors: readonly StreamedTensor[]): Promise<WrittenFiles> {
    const stage = await this.#run.stage();
    try {
      const written = await writeShards(stage, tensors, { maxShardSize: this.#maxShardSize, metadata: {} });
      const shards = Object.entries(written).filter(([file]) => file.endsWith('.safetensors')); // the manifest is the index
      await mkdir(this.#directory, { recursive: true });
      const files: Record<string, WrittenFile> = {};
      for (const [file, content] of shards) {
        const own = file.replace('model', name);
        await rename(join(stage, file), join(this.#directory, own));
        files[own] = content;
      }
      await syncFolder(this.#directory);
      return files;
    } catch (error) {
      throw asStorageError(error, this.#directory);
    } finally {
      await rm(stage, { recursive: true, force: true }).catch(() => undefined); // else the next writer removes it
    }
  }

  /**
   * The manifest of a checkpoint of which every byte is as it was written.
   *
   * @param onDamage is told what is wrong with another
   * @throws StorageError if it cannot be read
   */
  async #whole(name: string, onDamage: (fault: string) => void): Promise<CheckpointManifest | undefined> {
    try {
      const manifest = await this.#manifest(name);
      await this.#read(manifest, () => {});
      return manifest;
    } catch (error) {
      const isGone = error instanceof StorageError && error.systemCode === 'ENOENT';
      if (!(error instanceof FileFormatError || isGone)) throw error;
      onDamage(error.message);
      return undefined;
    }
  }

  async #manifest(name: string): Promise<CheckpointManifest> {
    const path = join(this.#directory, `${name}.json`);
    return decodeManifest(new TextDecoder().decode(await readRegularFile(path, { maxBytes: longestManifest })), path);
  }

  async #load(manifest: CheckpointManifest, model: Model, { optimizer, average }: Learner): Promise<void> {
    const { parameters, bundles, averaged = 0 } = manifest;
    const own = model.parameters();
    const isSame = (path: string) => isDeepStrictEqual(parameters[path], [...(own.get(path)?.shape ?? [Number.NaN])]);
    const other = [...new Set([...own.keys(), ...Object.keys(parameters)])].find((path) => !isSame(path));
    if (other !== undefined) {
      throw new FileFormatError({
        where: `${this.#directory}, ${other}`,
        expected: `the shape [${own.get(other)?.shape ?? 'no parameter of that name'}]`,
        received: `[${parameters[other] ?? 'no parameter of that name'}]`,
        hint: 'The checkpoint belongs to another model.',
      });
    }
    const takeAverage = average?.restore(averaged);
    await optimizer.restore(bundles, (takeMoment) =>
      this.#read(manifest, (name, tensor) => {
        if (name.startsWith('model.')) own.get(name.slice('model.'.length))!.adoptValues(tensor.data);
        else if (name.startsWith('average.')) takeAverage?.(name.slice('average.'.length), tensor);
        else takeMoment(name.slice('optimizer.'.length), tensor);
      }),
    );
  }

  async #read({ files }: Pick<CheckpointManifest, 'files'>, take: (name: string, tensor: NamedTensor) => void) {
    for (const [file, content] of Object.entries(files))
      await readSafetensors(join(this.#directory, file), content, take);
  }

  /** The names of checkpoints with a manifest, oldest first. */
  async #names(): Promise<string[]> {
    const steps = (await this.#files()).flatMap((file) => (file.endsWith('.json') ? [stepsOf(file)] : []));
    return steps.sort((a, b) => a - b).map(nameOf);
  }

  /** Removes older checkpoints, and what crashes left behind: anything that claims to be newer than the one just saved. */
  async #prune(newest: number): Promise<void> {
    const names = (await this.#names()).map(Number).filter((steps) => steps <= newest);
    const keep = names.slice(-kept);
    await this.#remove((steps) => !keep.includes(steps));
  }

  async #remove(isRemoved: (steps: number) => boolean): Promise<void> {
    for (const file of await this.#files()) {
      if (isRemoved(stepsOf(file))) await rm(join(this.#directory, file), { force: true });
    }
  }

  /** The files that have the name of a part of a checkpoint. */
  async #files(): Promise<string[]> {
    try {
      const entries = await readdir(this.#directory, { withFileTypes: true });
      return entries.flatMap((entry) => (!entry.isDirectory() && namePattern.test(entry.name) ? [entry.name] : []));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw asStorageError(error, this.#directory);
    }
  }
}

function nameOf(steps: number): string {
  return String(steps).padStart(9, '0');
}

function stepsOf(file: string): number {
  return Number(namePattern.exec(file)![1]);
}
