import { augmentedValue } from './augmentation/augmented-value';
import { checkSample, checkTargetNames } from './check-sample';
import { bindPlaces, type InterleavedDocument } from './document/bind-places';
import { divideValues } from './document/divide-values';
import type { InterleavingProcessor } from './document/interleaving-processor';
import { looksLikeDocument } from './document/read-document';
import { type Document, type PlacedValue, sampleValues } from './document/sample-values';
import { asSampleError, PolymodalError, SampleError } from './errors';
import type { Features } from './features';
import type { HeadTargets } from './head-target';
import { interleaveParts, processValue } from './part/run-processor';
import type { PreparedSample, Processors, SampleProcessors } from './prepared-sample';
import type { PrepareContext, ProcessContext, Processor } from './processor';
import type { Sample } from './sample';
import { packValues } from './several/packed-values';
import { SeveralProcessor } from './several/several-processor';

/**
 * Runs the processors on what a sample has, and those of the heads on its targets.
 *
 * @param where how error messages call the sample
 * @throws SampleError if it has no modality of the model, a value or a target that cannot be read, or a name that means nothing
 */
export async function prepareSample(
  from: SampleProcessors,
  sample: Sample,
  context: PrepareContext,
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
  context: PrepareContext,
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
  // Hosts first: what has no place in them is not read, but for what they write the pieces of.
  const interleaved: InterleavedDocument[] = [];
  for (const document of await divided(processors, documents, context, where)) {
    interleaved.push(await interleave(processors[document.host] as InterleavingProcessor, document, context, where));
  }
  const bound = bindPlaces(interleaved, slots);
  const features: Record<string, Features> = {};
  for (const slot of slots) {
    const [processor, values] = [processors[slot], bound.values[slot]];
    const own = contextOf(context, slot);
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

async function divided(
  processors: Processors,
  documents: readonly Document[],
  context: PrepareContext,
  where: string,
): Promise<readonly Document[]> {
  try {
    return await divideValues(documents, processors, (slot) => contextOf(context, slot));
  } catch (error) {
    throw PolymodalError.isInstance(error) && error.where !== undefined ? error : unreadable(error, where);
  }
}

async function interleave(
  processor: InterleavingProcessor,
  document: Document,
  context: PrepareContext,
  where: string,
): Promise<InterleavedDocument> {
  const own = contextOf(context, document.host);
  try {
    const parts = await Promise.all(
      document.parts.map(async (part, index) =>
        part.kind === 'own' ? { ...part, raw: await augmentedValue(processor, part.raw, withKey(own, index)) } : part,
      ),
    );
    return { ...document, interleaved: await interleaveParts(processor, parts, own) };
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
  if (values.every((value) => value.divided)) return packValues(values.flatMap((value) => value.divided!.values));
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
  if (processor instanceof SeveralProcessor) return error;
  return said('Where samples may have several values, the config of the slot says `several: true`.');
}

async function prepareTargets(
  targets: HeadTargets,
  sample: Sample,
  modalities: PreparedSample['features'],
  context: PrepareContext,
  where: string,
): Promise<PreparedSample['targets']> {
  const features: Record<string, Features> = {};
  for (const [head, { name, processor }] of Object.entries(targets)) {
    const raw = rawTarget(sample, name, where);
    const isThere = raw !== undefined && raw !== null;
    const own = isThere
      ? await processed(
          processor,
          raw,
          { ...contextOf(context, `targets.${head}`), modalities },
          `${where}, targets.${name}`,
        )
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
    const isOne = !(processor instanceof SeveralProcessor); // which sees to each of its values
    return await processValue(processor, isOne ? await augmentedValue(processor, raw, context) : raw, context);
  } catch (error) {
    throw unreadable(error, where);
  }
}

/** What the processor of a slot, or of a target, is told. */
function contextOf({ augment, recall, ...context }: PrepareContext, name: string): ProcessContext {
  const own = augment?.[name];
  const ofSlot: ProcessContext['recall'] = recall && ((raw, read) => recall(name, raw, read));
  return withKey({ ...context, ...(own && { augment: own }), ...(ofSlot && { recall: ofSlot }) }, name);
}

function withKey(context: ProcessContext, data: string | number): ProcessContext {
  return context.key ? { ...context, key: context.key.fold(data) } : context;
}

/** What a processor threw, said of the sample's value. An interruption stays one. */
function unreadable(error: unknown, where: string): unknown {
  if (PolymodalError.isInstance(error)) return error.at(error.where === undefined ? where : `${where}, ${error.where}`);
  return asSampleError(error, where, 'a value that its processor can read');
}
