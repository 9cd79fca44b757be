import {
  type Divided,
  type Features,
  isInterleaving,
  type ProcessContext,
  type Processor,
  prepareSample,
  RandomKey,
  severalOf,
} from '@polymodal/core';
import { ConformanceError } from '../conformance-error';
import { randomSignal } from '../doubles/random-signal';
import { referenceEncoder } from '../doubles/reference-encoder';

/** The slot whose values stand in documents of the processor under test, which serves `subject`. */
const besideSlot = 'beside';

const signals = referenceEncoder('beside a subject', 'signal');

/** Of the slot beside: a list of signals is a value that is divided into them, the first ones side by side, the last one of the whole. */
const beside = severalOf(
  {
    ...signals,
    processor: {
      ...signals.processor,
      create: (_, setup) => {
        const processor: Processor = signals.processor.create({ bucketSize: 4 }, setup);
        const divide = async (raw: unknown, context: ProcessContext): Promise<Divided> => {
          const raws = Array.isArray(raw) ? raw : [raw];
          const values = await Promise.all(raws.map((one) => processor.process(one, context)));
          return { values, grid: values.length > 1 ? [1, values.length - 1] : [0, 0] };
        };
        return Object.assign(processor, { divide });
      },
    },
  },
  { most: 8, ordered: true },
).processor;

/** Why documents are not tried; `undefined` where a processor takes them. */
export function withoutDocuments(processor: Processor): string | undefined {
  return isInterleaving(processor) ? undefined : 'its processor has no interleave(): its slots take no documents';
}

/** A document of the slot `subject` as its features, places bound. */
export async function documentRow(
  name: string,
  processor: Processor,
  parts: readonly (typeof place | typeof dividedPlace | { readonly own: unknown })[],
): Promise<Features> {
  const slots = {
    subject: processor,
    [besideSlot]: beside.create({}, { slot: besideSlot, savedFile: () => undefined }),
  };
  const key = RandomKey.from(0).fold('values of documents');
  const document = parts.map((part, index) => {
    if (typeof part === 'object') return { subject: part.own };
    const signal = randomSignal(key.fold(index));
    return { [besideSlot]: part === place ? signal : [signal, signal, signal] };
  });
  try {
    const { features } = await prepareSample(
      { processors: slots, targets: {} },
      { subject: document },
      { training: false },
    );
    return features.subject;
  } catch (cause) {
    throw new ConformanceError({
      where: `${name}, a document of ${parts.length} parts`,
      expected: 'features',
      received: String(cause),
      hint: 'Where a document of two short samples is too long, let longer ones be taken, or draw shorter samples.',
      cause,
    });
  }
}

/** A part of another slot. */
export const place = 'place';

/** One that is divided into three values. */
export const dividedPlace = 'divided place';

/** Documents of short samples with no, one and three places, and a sample by itself. */
export async function documentRows(
  name: string,
  processor: Processor,
  samples: readonly unknown[],
): Promise<Features[]> {
  const [first, second] = (await byLength(processor, samples)).map((own) => ({ own }));
  return [
    await documentRow(name, processor, [first]),
    await documentRow(name, processor, [place, first]),
    await processor.process(first.own, { training: false }),
    await documentRow(name, processor, [first, place, second, place, place]),
  ];
}

/** The shortest first. */
export async function byLength(processor: Processor, samples: readonly unknown[]): Promise<unknown[]> {
  const sized: { raw: unknown; size: number }[] = [];
  for (const raw of samples) {
    const features = await processor.process(raw, { training: false });
    sized.push({ raw, size: Object.values(features).reduce((sum, { data }) => sum + data.length, 0) });
  }
  return sized.sort((a, b) => a.size - b.size).map(({ raw }) => raw);
}
