import {
  ConfigError,
  collateSamples,
  type EncodedFeatures,
  EncoderProgram,
  encodedRows,
  type Features,
  type HostBatch,
  type HostRows,
  type Model,
  mixesBatches,
  type PreparedSample,
} from '@polymodal/core';
import { isImported, slotAugmentations } from '../data/augment';
import { CacheBudget } from '../data/cache-budget';
import { CacheRoom } from '../data/feature-cache/cache-room';
import type { FeatureStore } from '../data/feature-store';
import type { BatchLengths, SampleShape } from '../data/sample-shape';
import type { TokenCounter } from '../data/token-counter';
import type { OptimizedParameter } from '../optimizers/parameter-groups';
import type { ProgressBar } from '../progress';
import type { KeptValues } from '../run/kept-values';
import type { ParsedTrainOptions } from '../train-options';
import { EncodedValues } from './encoded-values';
import { towerIdentity } from './tower-identity';

/** Samples that are encoded at a time before the first step. */
const atOnce = 32;

interface Tower {
  readonly slot: string;
  readonly program: EncoderProgram;
  /** Undefined where values are changed at random, and none comes again; and where nothing is to be kept. */
  readonly values: EncodedValues | undefined;
}

/** What a stage encodes beside its steps. */
export interface FrozenTowersOptions {
  readonly model: Model;
  /** What learns in the stage. */
  readonly parameters: readonly OptimizedParameter[];
  /** Slots that are as absent in it. */
  readonly absent: readonly string[];
  readonly precision: 'float32' | 'int8';
  readonly tokens: TokenCounter;
  readonly options: Pick<ParsedTrainOptions, 'augment' | 'cacheBytes' | 'towerCache' | 'signal'>;
}

/**
 * Encoders of which nothing learns in a stage, and whose finished tokens alone its fusion takes: they run as in inference, by themselves, and
 * what they gave of values that are not changed at random is kept.
 */
export class FrozenTowers {
  readonly #model: Model;
  readonly #towers: readonly Tower[];
  readonly #tokens: TokenCounter;
  readonly #signal: AbortSignal | undefined;

  private constructor(model: Model, towers: readonly Tower[], tokens: TokenCounter, signal: AbortSignal | undefined) {
    this.#model = model;
    this.#towers = towers;
    this.#tokens = tokens;
    this.#signal = signal;
  }

  /** @throws StorageError for a folder of the cache that cannot be used; BackendError for `int8` on a backend without */
  static async open({
    model,
    parameters,
    absent,
    precision,
    tokens,
    options,
  }: FrozenTowersOptions): Promise<FrozenTowers> {
    const { augment, cacheBytes, towerCache, signal } = options;
    const changes = slotAugmentations(augment) ?? {};
    const budget = new CacheBudget(cacheBytes);
    const pooledOnly = readsVectorsAlone(model);
    const slots = frozenSlots(model, parameters, absent).filter((slot) => !changes[slot]?.some(mixesBatches));
    const folder = towerCache
      ? {
          ...towerCache,
          room: await CacheRoom.open(towerCache.directory, towerCache.maxBytes),
        }
      : undefined;
    const towers: Tower[] = [];
    for (const slot of slots) {
      const isRandom = typeof augment === 'function' || isImported(augment) || (changes[slot]?.length ?? 0) > 0;
      const identity = folder && !isRandom ? await towerIdentity(model, slot, { precision, pooledOnly }) : '';
      const values = isRandom || towerCache === false ? undefined : new EncodedValues(slot, identity, budget, folder);
      towers.push({ slot, program: new EncoderProgram(model, slot, { precision, pooledOnly }), values });
    }
    return new FrozenTowers(model, towers, tokens, signal);
  }

  /**
   * Encodes what can be kept, in the order of the samples, so that what comes of a value does not depend on which batch it is first in.
   */
  async prepare(stores: readonly FeatureStore[], progress: ProgressBar): Promise<void> {
    const keeping = this.#towers.filter(({ values }) => values);
    if (keeping.length === 0) return;
    progress.start(
      'Encoding',
      stores.reduce((sum, { length }) => sum + length, 0),
    );
    try {
      let done = 0;
      for (const store of stores) {
        for (let begin = 0; begin < store.length; begin += atOnce) {
          this.#signal?.throwIfAborted();
          if (!keeping.some(({ values }) => values?.hasRoom)) return;
          const end = Math.min(begin + atOnce, store.length);
          const samples = await store.get(
            Array.from({ length: end - begin }, (_, i) => begin + i),
            0,
          );
          for (const tower of keeping) await encoded(tower, valuesOf(samples, tower.slot));
          done += end - begin;
          progress.update(done);
        }
      }
    } finally {
      progress.stop();
    }
  }

  /**
   * A batch with what these encoders give in the place of features, which are not collated.
   *
   * @param samples of its rows
   * @param shapes  of the samples
   * @param lengths that the batch is padded to
   */
  async collate(
    samples: readonly PreparedSample[],
    shapes: readonly SampleShape[],
    lengths: BatchLengths,
  ): Promise<HostBatch> {
    const { processors, targets } = this.#model;
    const encoding = new Map(this.#towers.map((tower) => [tower.slot, tower]));
    const others = Object.fromEntries(Object.entries(processors).filter(([slot]) => !encoding.has(slot)));
    const host = collateSamples(
      { processors: others, targets },
      samples.map((sample) => ({ ...sample, lengths })),
    );
    const modalities: Record<string, HostRows> = {};
    for (const slot of Object.keys(processors)) {
      const tower = encoding.get(slot);
      const rows = tower ? await this.#rowsOf(tower, samples, shapes, lengths) : host.modalities[slot];
      if (rows) modalities[slot] = rows;
    }
    return { ...host, modalities };
  }

  async #rowsOf(
    tower: Tower,
    samples: readonly PreparedSample[],
    shapes: readonly SampleShape[],
    lengths: BatchLengths,
  ): Promise<HostRows | undefined> {
    const { slot } = tower;
    const rows = Int32Array.from(samples.flatMap(({ features }, row) => (features[slot] ? [row] : [])));
    if (rows.length === 0) return undefined;
    const values = await encoded(tower, valuesOf(samples, slot));
    return encodedRows(rows, values, this.#lengthOf(slot, values[0], shapes[rows[0]], lengths));
  }

  /** By slot, where anything is kept. */
  get kept(): KeptValues[] {
    return this.#towers.flatMap(({ values }) => values?.kept ?? []);
  }

  dispose(): void {
    for (const { program, values } of this.#towers) {
      program.dispose();
      values?.close();
    }
  }

  /** Tokens of a row that is padded as the batch is, where the layers of the encoder leave as many as there were: few shapes are to come. */
  #lengthOf(slot: string, value: EncodedFeatures, shape: SampleShape, lengths: BatchLengths): number {
    const own = shape[slot];
    const { lengths: ofValue = {} } = own;
    if (value.tokens.shape[0] !== this.#tokens.padded(slot, own, ofValue)) return 0;
    return this.#tokens.padded(slot, own, lengths[slot] ?? ofValue);
  }
}

/** Those that take part and of which no parameter learns. */
function frozenSlots(
  { encoders, fusion, heads }: Model,
  parameters: readonly OptimizedParameter[],
  absent: readonly string[],
): string[] {
  const hidden = Object.values(heads).flatMap(({ draw, requires }) => (draw ? (requires.all ?? []) : [])); // in part, anew in each step
  const learning = new Set(parameters.map(({ parameter }) => parameter));
  const isFrozen = (slot: string) => [...encoders[slot].parameters().values()].every((own) => !learning.has(own));
  const mayBe = (slot: string) => fusion.encodesWhole(slot) && !hidden.includes(slot) && !absent.includes(slot);
  return Object.keys(encoders).filter((slot) => mayBe(slot) && isFrozen(slot));
}

/** Whether no part of a model reads what encoders make of single tokens. */
function readsVectorsAlone({ fusion, heads }: Model): boolean {
  return !fusion.readsTokens && Object.values(heads).every(({ reads }) => !reads.includes('encoded'));
}

function valuesOf(samples: readonly PreparedSample[], slot: string): Features[] {
  return samples.flatMap(({ features }) => (features[slot] ? [features[slot]] : []));
}

/** What is kept, and what is not yet encoded now. */
async function encoded({ program, values }: Tower, features: readonly Features[]): Promise<EncodedFeatures[]> {
  if (!values) return program.encode(features);
  const found = await Promise.all(features.map((own) => values.find(own)));
  const missing = found.flatMap((own, index) => (own ? [] : [index]));
  const made = missing.length > 0 ? await program.encode(missing.map((index) => features[index])) : [];
  await Promise.all(missing.map((index, i) => values.keep(features[index], made[i])));
  missing.forEach((index, i) => {
    found[index] = made[i];
  });
  return found as EncodedFeatures[];
}

/** @throws ConfigError where there is nothing of the kind: frozen towers that are not would be trained as ever, silently */
export function requireFrozenTowers(
  model: Model,
  parameters: readonly OptimizedParameter[],
  absent: readonly string[],
  where: string,
): void {
  if (frozenSlots(model, parameters, absent).length > 0) return;
  const present = Object.keys(model.encoders).filter((slot) => !absent.includes(slot));
  const whole = present.filter((slot) => model.fusion.encodesWhole(slot));
  throw new ConfigError({
    where: `${where}.frozenTowers`,
    expected: 'an encoder of which nothing learns, and whose finished tokens alone the fusion takes',
    received:
      whole.length > 0
        ? `parameters that learn in ${whole.join(', ')}`
        : 'a fusion that works before or between layers',
    hint: whole.length > 0 ? `freeze: ['encoders.${whole[0]}']` : 'Leave frozenTowers out.',
  });
}
