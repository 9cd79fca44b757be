import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, FileFormatError, type Model, type UncheckedModelConfig } from '@polymodal/core';
import { replaceFile } from '@polymodal/core/node';
import type { SampleShape } from '../data/feature-store';
import type { TrainSettings } from '../train-options';
import { CheckpointFolder } from './checkpoint';
import { firstDifference } from './first-difference';

/** Everything that determines a run, as its folder holds it in `config.json`. */
export interface RunConfig {
  readonly model: UncheckedModelConfig;
  readonly training: TrainSettings;
  /** How many samples there are, and a checksum of which modalities each has and how long they are. */
  readonly data: { readonly samples: number; readonly shapes: string };
}

/** The config of a run. */
export function runConfig(model: Model, training: TrainSettings, shapes: readonly SampleShape[]): RunConfig {
  const checksum = createHash('sha256').update(JSON.stringify(shapes)).digest('hex').slice(0, 16);
  return { model: model.config, training, data: { samples: shapes.length, shapes: checksum } };
}

/** What a folder holds: no run, one that can be resumed, or one that is done. */
export type RunStatus = 'none' | 'unfinished' | 'finished';

/** What a folder holds. */
export function runStatus(directory: string): RunStatus {
  if (existsSync(join(directory, 'summary.json'))) return 'finished';
  return existsSync(join(directory, 'config.json')) ? 'unfinished' : 'none';
}

/**
 * The folder of a run:
 *
 * - `config.json`: model, training options, data
 * - `metrics.jsonl`: a line for each step and epoch
 * - `checkpoints/`: the last two
 * - `model/`, `report.html`, `summary.json`: when training is done
 */
export class RunFolder {
  readonly checkpoints: CheckpointFolder;

  private constructor(readonly directory: string) {
    this.checkpoints = new CheckpointFolder(join(directory, 'checkpoints'));
  }

  /**
   * Opens a folder for a run, or to go on with the one in it.
   *
   * @param resume whether to go on with the run that is there; if not, it is replaced
   * @throws ConfigError if the folder holds a run of another config, naming what differs
   */
  static async open(directory: string, config: RunConfig, resume: boolean): Promise<RunFolder> {
    if (resume && runStatus(directory) !== 'none') {
      await checkSame(directory, config);
    } else {
      const names = ['summary.json', 'config.json', 'checkpoints', 'metrics.jsonl', 'model', 'report.html'];
      for (const name of names) await rm(join(directory, name), { recursive: true, force: true });
      await mkdir(directory, { recursive: true });
      await replaceFile(join(directory, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
    }
    return new RunFolder(directory);
  }

  path(name: 'metrics.jsonl' | 'model' | 'report.html'): string {
    return join(this.directory, name);
  }

  /** Marks the run as done. */
  async finish(summary: object): Promise<void> {
    await replaceFile(join(this.directory, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
  }
}

async function checkSame(directory: string, config: RunConfig): Promise<void> {
  const path = join(directory, 'config.json');
  let saved: unknown;
  try {
    saved = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new FileFormatError({ where: path, expected: 'the config of a run', received: 'no JSON', cause });
  }
  const difference = firstDifference(saved, JSON.parse(JSON.stringify(config)));
  if (!difference) return;
  throw new ConfigError({
    where: difference.path,
    expected: `${JSON.stringify(difference.a) ?? 'nothing'}, as in the run in ${directory}`,
    received: JSON.stringify(difference.b) ?? 'nothing',
    hint: 'Use the same options to go on with it, another directory for another run, or resume: false to replace it.',
  });
}
