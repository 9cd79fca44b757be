import type { Parameter } from '@polymodal/core';
import type { KeyValueCache } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { CacheSizes } from '../cache/decodable';
import type { CausalEncoder } from '../causal-encoder';
import { commonTokens, type RowTokens } from './row-tokens';

/** What a prefix cache did so far, and what it holds. */
export interface PrefixFigures {
  /** Prompts that came, and the tokens of all of them. */
  readonly prompts: number;
  readonly tokens: number;
  /** Those of the tokens that were not computed again. */
  readonly reused: number;
  /** Prompts that are kept now, and what they take. */
  readonly kept: number;
  readonly bytes: number;
}

/** The tensors of n tokens that ran. */
interface PrefixTensors {
  /** (1, n, D), as the last layer gave them. */
  readonly unfinished: tf.Tensor3D;
  /** Of each attention, (1, Hkv, n, d). */
  readonly caches: readonly KeyValueCache[];
}

interface KeptPrefix extends PrefixTensors {
  readonly tokens: RowTokens;
  /** The length that their positions are scaled by. */
  readonly scaledLength: number;
  readonly bytes: number;
}

/** The first tokens of a prompt, with which a kept one begins too. */
export interface KnownPrefix {
  readonly kept: PrefixTensors;
  readonly count: number;
}

/**
 * The prompts that ran through the layers last, with their keys and values: as many as so many bytes hold. They are known while the
 * weights are those that they were computed with, on the same backend.
 */
export class PrefixCache {
  readonly #maxBytes: number;
  /** In the order of use, the last one used at the end. */
  readonly #kept = new Set<KeptPrefix>();
  readonly #counts = { prompts: 0, tokens: 0, reused: 0 };
  #bytes = 0;
  #computedBy: Computation | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get figures(): PrefixFigures {
    return { ...this.#counts, kept: this.#kept.size, bytes: this.#bytes };
  }

  /** Forgets all prompts if an encoder, as it is now, is not what they were computed by. */
  requireComputedBy(encoder: CausalEncoder): void {
    if (this.#computedBy && isUnchanged(this.#computedBy, encoder)) return;
    this.clear();
    this.#computedBy = computationOf(encoder);
  }

  /** The longest prefix of a prompt that is known, without its last token, which what follows is computed from. */
  longest(tokens: RowTokens, scaledLength: number): KnownPrefix | undefined {
    let best: KnownPrefix | undefined;
    for (const kept of this.#kept) {
      if (kept.scaledLength !== scaledLength) continue;
      const count = Math.min(commonTokens(kept.tokens, tokens), tokens.places.length - 1);
      if (count > (best?.count ?? 0)) best = { kept, count };
    }
    return best;
  }

  count(tokens: number, reused: number): void {
    this.#counts.prompts++;
    this.#counts.tokens += tokens;
    this.#counts.reused += reused;
  }

  /**
   * Keeps a prompt in place of those that it begins with, but for their last token, unless it is part of one that is kept, or takes more bytes than there are.
   *
   * @param width D
   * @param make  its tensors
   */
  keep(tokens: RowTokens, scaledLength: number, sizes: CacheSizes, width: number, make: () => PrefixTensors): void {
    const count = tokens.places.length;
    for (const kept of this.#kept) {
      if (kept.scaledLength !== scaledLength) continue;
      const common = commonTokens(kept.tokens, tokens);
      if (common === count) {
        this.#use(kept);
        return;
      }
      if (common >= kept.tokens.places.length - 1) this.#forget(kept); // the last one may be what closes a text
    }
    const bytes = 4 * count * (width + 2 * sizes.windows.length * sizes.numKeyValueHeads * sizes.headDim);
    if (bytes > this.#maxBytes) return;
    for (const oldest of this.#kept) {
      if (this.#bytes + bytes <= this.#maxBytes) break;
      this.#forget(oldest);
    }
    const tensors = tf.tidy(() => {
      const made = make();
      tf.tensor_util.getTensorsInContainer(made as unknown as tf.TensorContainer).forEach((tensor) => tf.keep(tensor));
      return made as unknown as tf.TensorContainer;
    }) as unknown as PrefixTensors;
    this.#kept.add({ ...tensors, tokens, scaledLength, bytes });
    this.#bytes += bytes;
  }

  /** Forgets all prompts, and frees what they take. */
  clear(): void {
    for (const kept of this.#kept) this.#forget(kept);
  }

  #use(kept: KeptPrefix): void {
    this.#kept.delete(kept);
    this.#kept.add(kept);
  }

  #forget(kept: KeptPrefix): void {
    this.#kept.delete(kept);
    this.#bytes -= kept.bytes;
    tf.dispose([kept.unfinished, ...kept.caches.flatMap(({ keys, values }) => [keys, values])]);
  }
}

/** What prompts are computed by: weights are known by their data, since one that is assigned gets others. */
interface Computation {
  readonly encoder: CausalEncoder;
  readonly backend: string;
  readonly weights: readonly { readonly parameter: Parameter; readonly dataId: tf.DataId }[];
}

function computationOf(encoder: CausalEncoder): Computation {
  const parameters = [...encoder.parameters().values()];
  const weights = parameters.map((parameter) => ({ parameter, dataId: parameter.value.dataId }));
  return { encoder, backend: tf.getBackend(), weights };
}

function isUnchanged({ encoder: before, backend, weights }: Computation, encoder: CausalEncoder): boolean {
  if (before !== encoder || backend !== tf.getBackend()) return false;
  const now = [...encoder.parameters().values()];
  const isSame = (parameter: Parameter, index: number) =>
    weights[index].parameter === parameter && weights[index].dataId === parameter.value.dataId;
  return now.length === weights.length && now.every(isSame);
}
