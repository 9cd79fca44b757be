import { join } from 'node:path';
import { ConfigError, FileFormatError, StorageError, type UncheckedModelConfig } from '@polymodal/core';
import { readRegularFileSync } from '@polymodal/core/files';
import type { Fingerprint } from '../data/data-fingerprint';
import type { TrainSettings } from '../train-options';
import { type Difference, firstDifference } from './first-difference';
import type { LearnedFiles } from './learned-files';
import { openSealedJson, sealJson } from './sealed-json';
import type { WeightChecksums } from './starting-weights';

/** What a run learns with, apart from its data. */
export interface RunOptions {
  readonly model: UncheckedModelConfig;
  readonly training: TrainSettings;
  /** Checksums of the saved models whose weights were taken over before, in that order; left out where there were none. */
  readonly from?: readonly string[];
}

/** Everything that determines a run, as its folder holds it in `config.json`. */
export interface RunConfig extends RunOptions {
  /** What the model began with. */
  readonly weights: WeightChecksums;
  /** What processors learned from the data; left out where none does. */
  readonly learned?: LearnedFiles;
  /** What it learns from, by the names of the sources. */
  readonly sources: Readonly<Record<string, Fingerprint>>;
  readonly evaluate?: Fingerprint;
  /** Of the sizes of batches, where they follow from bytes that the backend keeps: a checksum. */
  readonly batches?: string;
}

/** What tells the `config.json` of a run from that of something else: the version of the layout. */
const marker = 'polymodalRun';
const version = 3;

const longestConfig = 2 ** 28;

export function encodeRunConfig(config: RunConfig): string {
  return sealJson({ [marker]: version, ...config });
}

/**
 * The config of the run in a folder; `undefined` if there is no `config.json`, or that of something else.
 *
 * @throws FileFormatError for one that is damaged, or of another version
 * @throws StorageError for one that cannot be read
 */
export function readRunConfig(directory: string): RunConfig | undefined {
  const path = join(directory, 'config.json');
  const text = readText(path);
  if (text === undefined || isForeign(text)) return undefined;
  const { [marker]: found, ...config } = openSealedJson(text, path);
  if (found === version) return config as unknown as RunConfig;
  throw new FileFormatError({ where: path, expected: `version ${version} of a run's folder`, received: String(found) });
}

/** @throws ConfigError naming the first option in which a run differs */
export function requireSameOptions(saved: RunConfig, options: RunOptions, directory: string): void {
  const given: RunOptions = JSON.parse(JSON.stringify(options));
  const difference =
    asJson(firstDifference(saved.model, given.model, 'model')) ??
    stagesDifference(saved.training, given.training) ??
    asJson(firstDifference(byStage(saved.training), byStage(given.training), 'training')) ??
    originDifference(saved.from, given.from);
  if (!difference) return;
  const { where, was, is, hint = 'Use the same options to go on with it' } = difference;
  throw new ConfigError({
    where,
    expected: `${was}, as in the run in ${directory}`,
    received: is,
    hint: `${hint}, another directory for another run, or resume: false to replace it.`,
  });
}

/** In what a run differs, in the words of an error. */
interface RunDifference {
  readonly where: string;
  readonly was: string;
  readonly is: string;
  readonly hint?: string;
}

function asJson(difference: Difference | undefined): RunDifference | undefined {
  if (!difference) return undefined;
  const told = (value: unknown) => JSON.stringify(value) ?? 'nothing';
  return { where: difference.path, was: told(difference.a), is: told(difference.b) };
}

/** Stages that come, go or change places are told by their names. */
function stagesDifference(a: TrainSettings, b: TrainSettings): RunDifference | undefined {
  const [was, is] = [a, b].map((training) =>
    'stages' in training ? `the stages ${training.stages.map(({ name }) => name).join(', ')}` : 'no stages',
  );
  return was === is ? undefined : { where: 'training.stages', was, is };
}

/** Settings in which a stage is found by its name: `training.stages.tune.learningRate`. */
function byStage(training: TrainSettings): object {
  if (!('stages' in training)) return training;
  return { ...training, stages: Object.fromEntries(training.stages.map((stage) => [stage.name, stage])) };
}

function originDifference(a: readonly string[] = [], b: readonly string[] = []): RunDifference | undefined {
  const [was, is] = [a, b].map((from) =>
    from.length === 0
      ? 'weights that startFrom did not give'
      : `weights that startFrom gave, of ${from.map((sha256) => sha256.slice(0, 12)).join(', then ')}`,
  );
  if (was === is) return undefined;
  return { where: 'model', was, is, hint: 'Call startFrom with the same folder before train to go on with it' };
}

function readText(path: string): string | undefined {
  try {
    return new TextDecoder().decode(readRegularFileSync(path, { maxBytes: longestConfig }));
  } catch (error) {
    if (error instanceof StorageError && (error.systemCode === 'ENOENT' || error.systemCode === 'ENOTDIR'))
      return undefined;
    throw error;
  }
}

/** Whether a text is JSON of something else. What is no JSON at all may be a damaged config. */
function isForeign(text: string): boolean {
  try {
    return !(marker in Object(JSON.parse(text)));
  } catch {
    return false;
  }
}
