import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ConfigError, UnknownNameError } from '@polymodal/core';
import {
  type Manifest,
  type ManifestOptions,
  openManifest,
  type RowFaults,
  readSplit,
  type Split,
  splitManifest,
  splitName,
} from '@polymodal/data';
import type { ConfigFile } from '../config/config-file';
import { type PartName, partNames } from '../config/part-names';
import type { Project, Source } from '../config/project';
import type { Surroundings } from '../surroundings';
import { fetchedAddresses } from './fetched-addresses';
import { requireInput } from './require-input';
import { requireSameSplit } from './require-same-split';

/** The file of a run that says which part each sample belongs to. */
export const splitFile = 'split.jsonl';

/** The data of a run. */
export interface DataParts {
  readonly parts: Readonly<Partial<Record<PartName, Manifest>>> & { readonly train: Manifest };
  /** Of one table that was split. */
  readonly split?: Split | undefined;
  /** Rows that could not be read, and were left out, of each table. */
  readonly faults: readonly RowFaults[];
  /** Samples of a split in parts that a run makes no use of, by the names of these. */
  readonly unused: Readonly<Record<string, number>>;
}

/**
 * Opens the data that a config names, in its parts. Those of a run that has begun are as they were then.
 *
 * @throws ConfigError for columns and parts that are not there, with the line of the config
 * @throws SampleError for a bad row, by its file and line
 */
export async function openParts(
  config: ConfigFile,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<DataParts> {
  const { manifest } = config.project.data;
  const options = { ...bindingOptions(config.project), ...fetchedAddresses(surroundings, signal), signal };
  if (typeof manifest === 'string' || Array.isArray(manifest)) {
    return splitInParts(config, await openSource(config, manifest, options));
  }
  const opened: Partial<Record<PartName, Manifest>> = {};
  for (const part of partNames) {
    const source = manifest[part];
    if (source !== undefined) opened[part] = await openSource(config, source, options);
  }
  const faults = Object.values(opened).map((own) => own.faults);
  return { parts: opened as DataParts['parts'], faults, unused: {} };
}

async function openSource(config: ConfigFile, source: Source, options: ManifestOptions): Promise<Manifest> {
  const otherwise = `Paths in ${config.path} start from its folder: was one of the two moved?`;
  for (const path of pathsOf(config, source)) await requireInput(path, 'a table, as data.manifest says', otherwise);
  return config.within('data', () => openManifest(pathsOf(config, source), options));
}

/** Paths of tables, from the folder of their config. */
function pathsOf({ path }: ConfigFile, source: Source): string[] {
  return [source].flat().map((one) => resolve(dirname(path), one));
}

/** How the tables of a config are read. */
export function bindingOptions({ data }: Project) {
  const { manifest: _, split: _split, weights: _weights, sources: _sources, ...binding } = data;
  return binding;
}

async function splitInParts(config: ConfigFile, manifest: Manifest): Promise<DataParts> {
  const { split: options } = config.project.data;
  const faults = [manifest.faults];
  const stored = join(runFolder(config), splitFile);
  const known = existsSync(stored) ? await readSplit(stored) : undefined;
  if (known) config.within('data.split', () => requireSameSplit(known.recipe, options, config.project.directory));
  else if (options === undefined) return { parts: { train: manifest }, faults, unused: {} };
  const split = known ?? (await config.within('data.split', () => splitManifest(manifest, options!), 'splitManifest'));
  const called = split.renamed((name) => splitName(name) ?? name);
  const named: Readonly<Record<string, Manifest | undefined>> = await called
    .of(manifest)
    .catch((error) => Promise.reject(ofAnotherTable(error, stored)));
  const { train, validation, test, ...others } = named;
  if (train) {
    const unused = Object.fromEntries(Object.entries(others).map(([name, own]) => [name, own?.length ?? 0]));
    return { parts: { train, ...(validation && { validation }), ...(test && { test }) }, split, faults, unused };
  }
  return config.within('data.split', () => {
    const received = Object.keys(called.counts).join(', ');
    throw new ConfigError({ expected: 'a part called "train", and others "validation" and "test"', received });
  });
}

/** The folder of a run. */
export function runFolder({ path, project }: ConfigFile): string {
  return resolve(dirname(path), project.directory);
}

function ofAnotherTable(error: unknown, stored: string): unknown {
  if (!UnknownNameError.isInstance(error)) return error;
  const { where, received } = error;
  return new UnknownNameError({
    ...(where !== undefined && { where }),
    expected: 'the rows that the run was begun with',
    received,
    hint: `Which rows it learns from stands in ${stored}. For a table that has grown begin another run, with another directory.`,
    cause: error,
  });
}
