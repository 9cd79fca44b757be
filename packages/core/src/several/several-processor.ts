import { augmentedValue } from '../augmentation/augmented-value';
import { describeValue } from '../describe-value';
import { type Divided, isDividing } from '../document/dividing-processor';
import { asSampleError, PolymodalError, SampleError, ShapeError } from '../errors';
import { commonLengths, type FeatureShape, type Lengths } from '../feature-shape';
import { type Features, type HostTensor, lengthMask } from '../features';
import { collateFeatures, divideValue, processValue } from '../part/run-processor';
import type { FeatureMasks, LengthAxes, ProcessContext, Processor } from '../processor';
import { SharedProcessor } from '../shared/shared-processor';
import { packValues, unpackValues } from './packed-values';
import { mostOfAll, type SeveralOptions } from './several-options';

/** The feature that says which values of a row there are: (P, V), 1 = is one. */
export const valueMask = 'valueMask';

/**
 * Reads several values a sample, in their order, each as the processor of one does; what that divides is as many values as it is divided
 * into. A list is a list of values, whatever is in it; anything else is a single one, and an empty list is none: the sample lacks the
 * modality.
 *
 * How many there are is one more length, `values`: rows with fewer are padded to a common one, features (P, V, …).
 */
export class SeveralProcessor implements Processor {
  /** The names of collated features, known once something was collated. */
  #features: readonly string[] = [];
  /** Where that of each does. */
  readonly locateTokens?: NonNullable<Processor['locateTokens']>;

  /** @param each reads one value */
  constructor(
    readonly each: Processor,
    readonly options: SeveralOptions,
  ) {
    if (each.locateTokens) this.locateTokens = () => each.locateTokens!();
  }

  isAbsent(raw: unknown): boolean {
    return Array.isArray(raw) && raw.length === 0;
  }

  async process(raw: unknown, context: ProcessContext): Promise<Features> {
    if (Array.isArray(raw)) return this.processAll(Array.from(raw as unknown[]), context, (index) => `value ${index}`);
    const { values } = await this.#divide(raw, of(context, 0));
    this.#checkPieces(values.length, undefined);
    return packValues(values);
  }

  /**
   * The features of a list of values.
   *
   * @param whereOf how error messages call each of them
   */
  async processAll(
    raws: readonly unknown[],
    context: ProcessContext,
    whereOf: (index: number) => string,
  ): Promise<Features> {
    const divided = await this.divideAll(raws, context, whereOf);
    return packValues(divided.flatMap(({ values }) => values));
  }

  /** Whether the processor of one divides values. */
  get divides(): boolean {
    return isDividing(this.each);
  }

  /**
   * What each of a list of values is divided into; itself alone, where the processor of one does not divide.
   *
   * @param whereOf how error messages call each of them
   */
  async divideAll(
    raws: readonly unknown[],
    context: ProcessContext,
    whereOf: (index: number) => string,
  ): Promise<Divided[]> {
    this.#checkCount(raws.length);
    const divided: Divided[] = [];
    let count = 0;
    for (const [index, value] of raws.entries()) {
      const own = await this.#one(value, of(context, index), whereOf(index));
      count += own.values.length;
      this.#checkPieces(count, whereOf(index));
      divided.push(own);
      this.#checkFixed(divided, whereOf);
    }
    return divided;
  }

  collate(rows: readonly Features[], lengths?: Lengths): Features {
    const unpacked = rows.map(unpackValues);
    const common = commonLengths<string>(
      unpacked.map((values) => this.#shape(values)),
      lengths,
    );
    const { values: count, ...own } = common;
    this.#checkRoom(count);
    // What is padded is a copy of a value first, so that its processor can collate it, and 0 then.
    const padded = unpacked.flatMap((values) =>
      Array.from({ length: count }, (_, index) => values[index] ?? values[0]),
    );
    const counts = unpacked.map(({ length }) => length);
    const collated = Object.entries(collateFeatures(this.each, padded, own)).map(
      ([name, feature]) => [name, byRow(feature, counts, count)] as const,
    );
    const features = { ...Object.fromEntries(collated), [valueMask]: lengthMask(counts, count) };
    this.#features = Object.keys(features);
    return features;
  }

  shape(features: Features): FeatureShape {
    return this.#shape(unpackValues(features));
  }

  get lengthAxes(): LengthAxes {
    return Object.fromEntries(
      this.#features.map((name) => {
        const own = Object.entries(this.each.lengthAxes?.[name] ?? {});
        return [name, { 1: 'values', ...Object.fromEntries(own.map(([axis, length]) => [Number(axis) + 1, length])) }];
      }),
    );
  }

  get masks(): FeatureMasks {
    const own = this.each.masks ?? {};
    const covered = this.#features.filter((name) => name !== valueMask && !Object.hasOwn(own, name));
    return { ...own, [valueMask]: covered };
  }

  unfamiliar(raw: unknown): readonly string[] {
    return [raw].flat().flatMap((value) => this.each.unfamiliar?.(value) ?? []);
  }

  describe(): Readonly<Record<string, unknown>> {
    return this.each.describe?.() ?? {};
  }

  files(): Readonly<Record<string, Uint8Array>> {
    return this.each.files?.() ?? {};
  }

  #shape(values: readonly Features[]): FeatureShape {
    const shapes = values.map((features) => this.each.shape(features));
    const [{ fixed }] = shapes;
    return { ...(fixed !== undefined && { fixed }), lengths: { values: values.length, ...commonLengths(shapes) } };
  }

  async #divide(raw: unknown, context: ProcessContext): Promise<Divided> {
    const value = await augmentedValue(this.each, raw, context);
    if (isDividing(this.each)) return divideValue(this.each, value, context);
    return { values: [await processValue(this.each, value, context)], grid: [0, 0] };
  }

  async #one(value: unknown, context: ProcessContext, where: string): Promise<Divided> {
    if (value === null || value === undefined) {
      throw new SampleError({
        where,
        expected: 'a value',
        received: describeValue(value),
        hint: 'Leave out of the list what is missing.',
      });
    }
    try {
      return await this.#divide(value, context);
    } catch (error) {
      if (!PolymodalError.isInstance(error)) throw asSampleError(error, where, 'a value that its processor can read');
      throw error.at(error.where === undefined ? where : `${where}, ${error.where}`);
    }
  }

  /** Before anything is read. */
  #checkCount(count: number): void {
    const { most } = this.options;
    if (count > 0 && count <= most) return;
    throw new SampleError({
      expected: count === 0 ? 'at least one value' : `at most ${most} values`,
      received: count === 0 ? 'an empty list' : `${count}`,
      ...(count > most && { hint: moreThan(count) }),
    });
  }

  /** As soon as they are known: before more is read. */
  #checkPieces(count: number, where: string | undefined): void {
    const { most } = this.options;
    if (count <= most) return;
    throw new SampleError({
      ...(where !== undefined && { where }),
      expected: `at most ${most} values, each piece of one that is divided being one`,
      received: `${count}`,
      hint: moreThan(count),
    });
  }

  /** Those of the last one against the first. */
  #checkFixed(divided: readonly Divided[], whereOf: (index: number) => string): void {
    const index = divided.length - 1;
    const fixedOf = (own: Features) => JSON.stringify(this.each.shape(own).fixed);
    const first = fixedOf(divided[0].values[0]);
    const odd = divided[index].values.find((own) => fixedOf(own) !== first);
    if (!odd) return;
    throw new SampleError({
      where: whereOf(index),
      expected: `what cannot be padded to be that of ${whereOf(0)}, ${first}`,
      received: `${fixedOf(odd)}`,
      hint: 'The values of a sample are computed together: bring them to one size.',
    });
  }

  #checkRoom(count: number): void {
    if (count <= this.options.most) return;
    throw new ShapeError({
      where: 'lengths.values',
      expected: `at most ${this.options.most}, as \`several.most\` of the slot says`,
      received: `${count}`,
    });
  }
}

function moreThan(count: number): string {
  if (count > mostOfAll) return `Choose among them: no slot may have more than ${mostOfAll}.`;
  return `Choose among them, or let the slot have more: \`several: { most: ${count} }\`.`;
}

/** The processor of one value, of a slot with `several` or `shared` too. */
export function processorOfOne(processor: Processor): Processor {
  return processor instanceof SeveralProcessor || processor instanceof SharedProcessor ? processor.each : processor;
}

/** Each value is augmented by itself. */
function of(context: ProcessContext, index: number): ProcessContext {
  return context.key ? { ...context, key: context.key.fold(index) } : context;
}

/** (P · V, …) → (P, V, …), 0 where a row has fewer than V values. */
function byRow(feature: HostTensor, counts: readonly number[], count: number): HostTensor {
  const {
    data,
    shape: [all, ...rest],
  } = feature;
  const values = counts.every((own) => own === count) ? data : data.slice();
  const size = data.length / all;
  counts.forEach((own, row) => {
    values.fill(0, (row * count + own) * size, (row + 1) * count * size);
  });
  return { ...feature, data: values, shape: [counts.length, count, ...rest] };
}
