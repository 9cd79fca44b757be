import { ConfigError, suggestNames, UnknownNameError } from '@polymodal/core';
import { type Manifest, samplesBySource } from '@polymodal/data';
import type { NamedStageOptions } from '@polymodal/trainer';
import type { ConfigFile } from '../config/config-file';
import type { Project } from '../config/project';

/** What a training learns from. */
export interface TrainingData {
  /** The samples, or by name those of each source that a column says. */
  readonly data: Manifest | Sources;
  readonly stages?: readonly NamedStageOptions[];
}

type Sources = Readonly<Record<string, Manifest>>;

type Stage = NonNullable<Project['training']['stages']>[number];

/**
 * The part `train` as a training takes it: as it is, or as the sources that the column of `data.sources` says, of which each stage takes those that it
 * names.
 *
 * @throws UnknownNameError for a stage that names a source that no sample is of
 * @throws ConfigError for a stage that names sources where no column says them
 * @throws as `samplesBySource`, with the line of the config
 */
export async function trainingData(config: ConfigFile, train: Manifest): Promise<TrainingData> {
  const { data, training } = config.project;
  if (data.sources === undefined) return { data: train, ...ofStages(training.stages, refusal(config)) };
  const { column } = data.sources;
  const sources = await config.within('data.sources', () => samplesBySource(train, column), 'sources');
  return { data: sources, ...ofStages(training.stages, (names, index) => chosen(config, sources, names, index)) };
}

/** The tables of a training, by what errors of samples call them. */
export function calledSources({ data }: TrainingData): Sources {
  return isOne(data) ? { data } : data;
}

/** What is said of the sources before a training, and of those that nothing is learned from. Empty where there are none. */
export function describeSources({ data, stages }: TrainingData): string {
  if (isOne(data)) return '';
  const taken = stages?.every((stage) => stage.data) ? stages.flatMap((stage) => Object.keys(stage.data!)) : undefined;
  const sizes = (names: readonly string[]) => names.map((name) => `${data[name].length} ${name}`).join(', ');
  const left = taken ? Object.keys(data).filter((name) => !taken.includes(name)) : [];
  const beside = left.length > 0 ? ` Not learned from, since no stage names it: ${sizes(left)}.` : '';
  return `Sources: ${sizes(Object.keys(data))}.${beside}`;
}

/** The tables that the first stage learns from. */
export function firstSources({ data, stages }: TrainingData): readonly Manifest[] {
  const own = (stages?.[0]?.data ?? data) as TrainingData['data'];
  return isOne(own) ? [own] : Object.values(own);
}

function isOne(data: TrainingData['data']): data is Manifest {
  return typeof data.get === 'function';
}

function ofStages(
  stages: readonly Stage[] | undefined,
  sourcesOf: (names: readonly string[], index: number) => Sources,
): Pick<TrainingData, 'stages'> {
  if (!stages) return {};
  return {
    stages: stages.map(({ data: names, ...own }, index) => (names ? { ...own, data: sourcesOf(names, index) } : own)),
  };
}

function chosen(config: ConfigFile, sources: Sources, names: readonly string[], index: number): Sources {
  const unknown = names.findIndex((name) => !Object.hasOwn(sources, name));
  if (unknown < 0) return Object.fromEntries(names.map((name) => [name, sources[name]]));
  return config.within(`training.stages.${index}.data.${unknown}`, () => {
    throw new UnknownNameError({
      expected: `a source that column "${config.project.data.sources?.column}" says of a sample of the part "train"`,
      received: `"${names[unknown]}"`,
      hint: suggestNames(names[unknown], Object.keys(sources)),
    });
  });
}

function refusal(config: ConfigFile) {
  return (_: readonly string[], index: number): never =>
    config.within(`training.stages.${index}.data`, () => {
      throw new ConfigError({
        expected: 'data.sources beside it, whose column says which source each sample is of',
        received: 'none',
        hint: 'Name the column (data.sources: { column: source }), or leave out what the stage learns from: it is all samples then.',
      });
    });
}
