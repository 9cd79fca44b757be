import type { HostBatch, HostRows } from './batch';
import { PolymodalError } from './errors';
import { commonLengths, type FeatureShape, type Lengths } from './feature-shape';
import type { Features } from './features';
import type { HeadTargets } from './head-target';
import { collateFeatures, shapeOfFeatures } from './part/run-processor';
import type { Processor } from './processor';
import { requireArgument } from './require-argument';

/** A sample whose raw values have become features: what a data worker produces and a cache keeps. */
export interface PreparedSample {
  /** Features by modality, in the model's order; absent modalities are not listed. */
  readonly features: Readonly<Record<string, Features>>;
  /** Features of what each head learns from, by head; a head whose target is absent is not listed. */
  readonly targets: Readonly<Record<string, Features>>;
  /**
   * Lengths that a modality's features are at least padded to, so that samples of many lengths come in few shapes; those of a head's
   * target under `targets.<head>`.
   */
  readonly lengths?: Readonly<Record<string, Lengths>>;
}

/** The processors of a model, by modality, in its order. */
export type Processors = Readonly<Record<string, Processor>>;

/** What samples are prepared with. */
export interface SampleProcessors {
  readonly processors: Processors;
  readonly targets: HeadTargets;
}

/**
 * Collates prepared samples into a batch in which each modality, and each head's target, holds only the rows that have it.
 *
 * @throws ShapeError for samples that cannot share a batch
 */
export function collateSamples(
  { processors, targets }: SampleProcessors,
  samples: readonly PreparedSample[],
): HostBatch {
  const modalities: Record<string, HostRows> = {};
  for (const [modality, processor] of Object.entries(processors)) {
    const own = collateRows(processor, samples, modality, ({ features, lengths }) => ({
      features: features[modality],
      asked: lengths?.[modality],
    }));
    if (own) modalities[modality] = own;
  }
  const wanted: Record<string, HostRows> = {};
  for (const [head, { processor }] of Object.entries(targets)) {
    const own = collateRows(processor, samples, targetPart(head), ({ targets: given, lengths }) => ({
      features: given[head],
      asked: lengths?.[targetPart(head)],
    }));
    if (own) wanted[head] = own;
  }
  return { size: samples.length, modalities, targets: wanted };
}

/** What a sample has of a modality or a target, and the lengths that it asks for. */
interface Row {
  readonly features: Features | undefined;
  readonly asked?: Lengths | undefined;
}

function collateRows(
  processor: Processor,
  samples: readonly PreparedSample[],
  where: string,
  rowOf: (sample: PreparedSample) => Row,
): HostRows | undefined {
  const present = samples.flatMap((sample, row) => {
    const { features, asked } = rowOf(sample);
    return features ? [{ row, features, shape: shapeOf(processor, features, asked, where) }] : [];
  });
  if (present.length === 0) return undefined;
  const lengths = sayingWhere(where, () => commonLengths(present.map(({ shape }) => shape)));
  return {
    rows: Int32Array.from(present, ({ row }) => row),
    features: sayingWhere(where, () =>
      collateFeatures(
        processor,
        present.map(({ features }) => features),
        lengths,
      ),
    ),
  };
}

/**
 * What decides the shapes that a sample gives rise to: of each modality that it has, and of each target (under {@link targetPart}),
 * what must be equal, and the lengths.
 */
export function sampleShape(
  { processors, targets }: SampleProcessors,
  sample: PreparedSample,
): Record<string, FeatureShape> {
  const shape = (processor: Processor, features: Features, part: string) =>
    [part, shapeOf(processor, features, sample.lengths?.[part], part)] as const;
  return Object.fromEntries([
    ...Object.entries(sample.features).map(([modality, own]) => shape(processors[modality], own, modality)),
    ...Object.entries(targets).flatMap(([head, { processor }]) => {
      const own = sample.targets[head];
      return own ? [shape(processor, own, targetPart(head))] : [];
    }),
  ]);
}

/** How the target of a head is called among the parts of a sample. No slot has a dot in its name. */
export function targetPart(head: string): string {
  return `targets.${head}`;
}

/** {@link sampleShape} of the modalities as a string: batches of one key share a compiled program. */
export function shapeKey(processors: Processors, sample: PreparedSample): string {
  return JSON.stringify(sampleShape({ processors, targets: {} }, sample));
}

/** Indices of samples in batches of one shape key each, at most `batchSize` long. */
export function batchByShape(
  processors: Processors,
  samples: readonly PreparedSample[],
  batchSize: number,
): readonly (readonly number[])[] {
  requireArgument(Array.isArray(samples), 'batchByShape', 'a list of prepared samples', samples);
  const groups = new Map<string, number[][]>();
  samples.forEach((sample, index) => {
    const key = shapeKey(processors, sample);
    const batches = groups.get(key) ?? [];
    groups.set(key, batches);
    const last = batches.at(-1);
    if (last && last.length < batchSize) last.push(index);
    else batches.push([index]);
  });
  return [...groups.values()].flat();
}

/** That of the features, with the lengths that are asked for. */
function shapeOf(processor: Processor, features: Features, asked: Lengths | undefined, where: string): FeatureShape {
  const own = sayingWhere(where, () => shapeOfFeatures(processor, features));
  return asked ? { ...own, lengths: sayingWhere(where, () => commonLengths([own], asked)) } : own;
}

function sayingWhere<T>(modality: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw PolymodalError.isInstance(error) ? error.at([modality, error.where].filter(Boolean).join(', ')) : error;
  }
}
