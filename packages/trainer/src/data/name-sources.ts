import { ConfigError, isRecord } from '@polymodal/core';
import { type Dataset, type Samples, toDataset } from './dataset';

/** What a training learns from: samples, or several sources of them by name. */
export type DataSources = Samples | NamedSamples;

/** Samples by the names of their sources. One that is undefined is none: so stages in a variable are typed, each with its own. */
type NamedSamples = Readonly<Record<string, Samples | undefined>>;

/** The data of a stage, as they were given. */
export interface StageData {
  readonly data: DataSources | undefined;
  /** How errors call them. */
  readonly where: string;
  /** What they are called, if they have no name. */
  readonly name: string;
}

/** The sources of all stages. */
export interface NamedSources {
  readonly sources: ReadonlyMap<string, Dataset>;
  /** The names of those of each stage. */
  readonly ofStage: readonly (readonly string[])[];
}

/**
 * Gives every source its one name: that under which it was given, or else that of its stage. The same samples given twice without
 * a name are one source.
 *
 * @throws ConfigError for what is no samples, a name that cannot be that of a file, and two sources of one name
 */
export function nameSources(stages: readonly StageData[]): NamedSources {
  const samplesOf = new Map<string, Samples>();
  const sources = new Map<string, Dataset>();
  const nameOf = (samples: unknown) => [...samplesOf].find(([, own]) => own === samples)?.[0];
  const ofStage = stages.map(({ data, where, name }) => {
    const isNamed = areSources(data);
    const given = isNamed ? namedSamples(data) : [[nameOf(data) ?? name, data as Samples] as const];
    for (const [own, samples] of given) {
      const place = isNamed ? `${where}.${own}` : where;
      const dataset = toDataset(samples, place, hint);
      requireName(own, place);
      const other = [...samplesOf.keys()].find((known) => known.toLowerCase() === own.toLowerCase());
      if (other !== undefined && (other !== own || samplesOf.get(own) !== samples)) throw taken(own, other, place);
      samplesOf.set(own, samples);
      if (!sources.has(own)) sources.set(own, dataset);
    }
    return given.map(([own]) => own);
  });
  return { sources, ofStage };
}

const hint = 'For one sample: [sample]. For several sources, each under its name: { name: samples }.';

/** A single sample has arrays too, of numbers say; what one of several sources is not, is said of it. */
function areSources(data: DataSources | undefined): data is NamedSamples {
  if (!isRecord(data) || typeof data.get === 'function') return false;
  const values = Object.values(data);
  const isSource = (value: unknown) =>
    Array.isArray(value)
      ? value.length === 0 || isRecord(value[0])
      : isRecord(value) && typeof value.get === 'function';
  return values.some(isSource);
}

function namedSamples(data: NamedSamples): (readonly [name: string, samples: Samples])[] {
  return Object.entries(data).flatMap(([name, samples]) => (samples === undefined ? [] : [[name, samples] as const]));
}

/** What a run's folder has files for by this name, and `evaluate` beside them. */
const namePattern = /^(?!evaluate$)[\w-]{1,64}$/i;

function requireName(name: string, where: string): void {
  if (namePattern.test(name)) return;
  throw new ConfigError({
    where,
    expected: 'a name of up to 64 letters, digits, "-" and "_", other than "evaluate"',
    received: JSON.stringify(name),
    hint: 'A run has files by the names of its sources.',
  });
}

function taken(name: string, other: string, where: string): ConfigError {
  return new ConfigError({
    where,
    expected: 'a name that no other source has, in capitals or not',
    received: `"${name}", and other samples are called "${other}"`,
    hint: 'Give each source one name, and the very same samples wherever it occurs.',
  });
}
