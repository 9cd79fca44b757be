import type { HostBatch } from './batch';
import { checkSample } from './check-sample';
import { asSampleError, PolymodalError, SampleError } from './errors';
import type { Features } from './features';
import type { ProcessContext, Processor } from './processor';
import { presentModalities, type Sample, type Targets } from './sample';

/** A sample whose raw values have become features: what a data worker produces and a cache keeps. */
export interface PreparedSample {
  /** Features by modality, in the model's order; absent modalities are not listed. */
  readonly features: Readonly<Record<string, Features>>;
  readonly targets: Targets | undefined;
}

/** The processors of a model, by modality, in its order. */
export type Processors = Readonly<Record<string, Processor>>;

/**
 * Runs the processors on what a sample has.
 *
 * @param where how error messages call the sample
 * @throws SampleError if it has no modality of the model, one that cannot be read, or a name that means nothing
 */
export async function prepareSample(
  processors: Processors,
  sample: Sample,
  context: ProcessContext,
  where = 'sample',
): Promise<PreparedSample> {
  try {
    return await prepare(processors, sample, context, where);
  } catch (error) {
    throw asSampleError(error, where);
  }
}

async function prepare(
  processors: Processors,
  sample: Sample,
  context: ProcessContext,
  where: string,
): Promise<PreparedSample> {
  const modalities = Object.keys(processors);
  checkSample(sample, modalities, where);
  const present = presentModalities(sample, modalities);
  if (present.length === 0) {
    throw new SampleError({ where, expected: `at least one of ${modalities.join(', ')}`, received: 'no modality' });
  }
  const features: Record<string, Features> = {};
  for (const modality of present) {
    const own = context.key ? { ...context, key: context.key.fold(modality) } : context;
    try {
      features[modality] = await processors[modality].process(sample[modality], own);
    } catch (error) {
      throw unreadable(error, `${where}, ${modality}`);
    }
  }
  return { features, targets: sample.targets };
}

/** What a processor threw, said of the sample's value. An interruption stays one. */
function unreadable(error: unknown, where: string): unknown {
  if (PolymodalError.isInstance(error)) return error.at(error.where === undefined ? where : `${where}, ${error.where}`);
  return asSampleError(error, where, 'a value that its processor can read');
}

/** Collates prepared samples into a batch in which each modality holds only the rows that have it. */
export function collateSamples(processors: Processors, samples: readonly PreparedSample[]): HostBatch {
  const modalities: Record<string, { rows: Int32Array; features: Features }> = {};
  for (const [modality, processor] of Object.entries(processors)) {
    const rows = samples.flatMap((sample, row) => (sample.features[modality] ? [row] : []));
    if (rows.length === 0) continue;
    const features = processor.collate(rows.map((row) => samples[row].features[modality]));
    modalities[modality] = { rows: Int32Array.from(rows), features };
  }
  return { size: samples.length, modalities, targets: samples.map((sample) => sample.targets) };
}

/**
 * What decides the shapes that a sample gives rise to: its combination of modalities and the length bucket of each.
 * Batches of one key share a compiled program.
 */
export function shapeKey(processors: Processors, sample: PreparedSample): string {
  return Object.entries(sample.features)
    .map(([modality, features]) => `${modality}:${processors[modality].bucket?.(features) ?? ''}`)
    .join(' ');
}

/** Indices of samples in batches of one shape key each, at most `batchSize` long. */
export function batchByShape(
  processors: Processors,
  samples: readonly PreparedSample[],
  batchSize: number,
): readonly (readonly number[])[] {
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
