import type { HostBatch, HostRows } from './batch';
import { checkSample, checkTargetNames } from './check-sample';
import { bindPlaces, type InterleavedDocument } from './document/bind-places';
import type { InterleavingProcessor } from './document/interleaving-processor';
import { looksLikeDocument } from './document/read-document';
import { type Document, type PlacedValue, sampleValues } from './document/sample-values';
import { asSampleError, PolymodalError, SampleError } from './errors';
import { commonLengths, type FeatureShape, type Lengths } from './feature-shape';
import type { Features } from './features';
import type { HeadTargets } from './head-target';
import { collateFeatures, interleaveParts, processValue, shapeOfFeatures } from './part/run-processor';
import type { ProcessContext, Processor } from './processor';
import { requireArgument } from './require-argument';
import type { Sample } from './sample';
import { processorOfOne, SeveralProcessor } from './several/several-processor';

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
 * Runs the processors on what a sample has, and those of the heads on its targets.
 *
 * @param where how error messages call the sample
 * @throws SampleError if it has no modality of the model, a value or a target that cannot be read, or a name that means nothing
 */
export async function prepareSample(
  from: SampleProcessors,
  sample: Sample,
  context: ProcessContext,
  where = 'sample',
): Promise<PreparedSample> {
  try {
    return await prepare(from, sample, context, where);
  } catch (error) {
    throw asSampleError(error, where);
  }
}

async function prepare(
  { processors, targets }: SampleProcessors,
  sample: Sample,
  context: ProcessContext,
  where: string,
): Promise<PreparedSample> {
  const slots = Object.keys(processors);
  checkSample(sample, slots, where);
  const { raws, documents } = sampleValues(sample, processors, where);
  const isPresent = (slot: string) => !isAbsent(processors[slot], raws[slot]);
  if (documents.length === 0 && !slots.some(isPresent)) {
    throw new SampleError({ where, expected: `at least one of ${slots.join(', ')}`, received: 'no modality' });
  }
  checkTargetNames(sample.targets, targets, where);
  // Hosts first: what has no place in them is not read.
  const interleaved: InterleavedDocument[] = [];
  for (const document of documents) {
    interleaved.push(await interleave(processors[document.host] as InterleavingProcessor, document, context, where));
  }
  const bound = bindPlaces(interleaved, slots);
  const features: Record<string, Features> = {};
  for (const slot of slots) {
    const [processor, values] = [processors[slot], bound.values[slot]];
    const own = withKey(context, slot);
    if (bound.features[slot]) features[slot] = bound.features[slot];
    else if (values) features[slot] = await placedFeatures(processor, values, own, `${where}, ${slot}`);
    else if (isPresent(slot)) {
      try {
        features[slot] = await processed(processor, raws[slot], own, `${where}, ${slot}`);
      } catch (error) {
        throw Array.isArray(raws[slot]) ? ofList(error, processor, looksLikeDocument(raws[slot], slots)) : error;
      }
    }
  }
  return { features, targets: await prepareTargets(targets, sample, features, context, where) };
}

function isAbsent(processor: Processor, raw: unknown): boolean {
  return raw === undefined || raw === null || (processor.isAbsent?.(raw) ?? false);
}

async function interleave(
  processor: InterleavingProcessor,
  document: Document,
  context: ProcessContext,
  where: string,
): Promise<InterleavedDocument> {
  try {
    const interleaved = await interleaveParts(processor, document.parts, withKey(context, document.host));
    return { ...document, interleaved };
  } catch (error) {
    throw unreadable(error, `${where}, ${document.host}`);
  }
}

/** The features of values that stand in documents. What is wrong with one is said of its part. */
async function placedFeatures(
  processor: Processor,
  values: readonly PlacedValue[],
  context: ProcessContext,
  where: string,
): Promise<Features> {
  const whereOf = (index: number) => values[index].where;
  if (!(processor instanceof SeveralProcessor)) return processed(processor, values[0].value, context, whereOf(0));
  try {
    const raws = values.map(({ value }) => value);
    return await processor.processAll(raws, context, whereOf);
  } catch (error) {
    throw PolymodalError.isInstance(error) && error.where !== undefined ? error : unreadable(error, where);
  }
}

/** A list may have been meant as several values, or as a document. */
function ofList(error: unknown, processor: Processor, isLikeDocument: boolean): unknown {
  if (!SampleError.isInstance(error)) return error;
  const { where, expected, received, cause = error } = error;
  const said = (hint: string) =>
    new SampleError({ ...(where !== undefined && { where }), expected, received, hint, cause });
  if (isLikeDocument)
    return said('It looks like a document, which this slot does not take: see InterleavingProcessor.');
  if (error.hint !== undefined) return error;
  if (processorOfOne(processor) !== processor) return error;
  return said('Where samples may have several values, the config of the slot says `several: true`.');
}

async function prepareTargets(
  targets: HeadTargets,
  sample: Sample,
  modalities: PreparedSample['features'],
  context: ProcessContext,
  where: string,
): Promise<PreparedSample['targets']> {
  const features: Record<string, Features> = {};
  for (const [head, { name, processor }] of Object.entries(targets)) {
    const raw = rawTarget(sample, name, where);
    const isThere = raw !== undefined && raw !== null;
    const own = isThere
      ? await processed(processor, raw, withKey(context, `targets.${head}`), `${where}, targets.${name}`)
      : processor.derive?.(modalities);
    if (own) features[head] = own;
  }
  return features;
}

/** What a target's getter throws is said of it. */
function rawTarget(sample: Sample, name: string, where: string): unknown {
  try {
    return sample.targets?.[name];
  } catch (error) {
    throw asSampleError(error, `${where}, targets`, 'targets that can be read');
  }
}

async function processed(processor: Processor, raw: unknown, context: ProcessContext, where: string) {
  try {
    return await processValue(processor, raw, context);
  } catch (error) {
    throw unreadable(error, where);
  }
}

function withKey(context: ProcessContext, name: string): ProcessContext {
  return context.key ? { ...context, key: context.key.fold(name) } : context;
}

/** What a processor threw, said of the sample's value. An interruption stays one. */
function unreadable(error: unknown, where: string): unknown {
  if (PolymodalError.isInstance(error)) return error.at(error.where === undefined ? where : `${where}, ${error.where}`);
  return asSampleError(error, where, 'a value that its processor can read');
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
