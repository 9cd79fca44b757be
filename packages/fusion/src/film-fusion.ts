import {
  type Batch,
  ConfigError,
  type Context,
  defineFusion,
  type EncodedTokens,
  type Encoders,
  type Fused,
  type FusedPart,
  Fusion,
  mapRecord,
  type Tokens,
  withTokens,
} from '@polymodal/core';
import { Linear, placeRows, takeRows, transformerOptions, zeroPadding, zeros } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { addedOption, beside, encodersBeside, offeredWith } from './added-modalities';
import { betweenLayersSlots } from './between-layers-slots';
import { checkModalities } from './check-modalities';
import { MutualModulation } from './mutual-modulation';
import { presentModalities } from './present-modalities';
import { afterLayers, chosenSteps, requireSameSteps, runEncoders, widthAfter } from './run-encoders';
import { SideBySide } from './side-by-side';

const options = z.object({
  /** The modality that conditions the others: the question, of pictures. */
  condition: z.string(),
  /** After which layers of the deepest of the other encoders it does, from 1; others in proportion. After each by default. */
  after: afterLayers,
  /** Whether γ and β depend on what the tokens hold, too, see {@link FilmFusion}. Default false. */
  mutual: z.boolean().default(false),
  layerNormEps: transformerOptions.layerNormEps,
  added: addedOption,
});

/** Sizes and choices of a {@link FilmFusion}. */
export interface FilmConfig extends z.output<typeof options> {
  readonly hiddenSize: number;
}

/**
 * Mid fusion by feature-wise linear modulation (FiLM, Perez et al. 2018, eq. 1 and 2): one modality, encoded first, scales and shifts
 * the tokens of all others between the layers of their encoders:
 *
 *     x ← (1 + γ) ∘ x + β    with γ, β linear in the condition's pooled vector
 *
 * γ and β are 0 at first, so that encoders begin as they are. Rows without the condition are encoded as without the fusion.
 *
 * With `mutual`, γ and β also depend on the mean and the greatest values of the tokens that they change, by way of a hidden layer (Yao et al.
 * 2018). Convolutions carry what was found in one place a position a step at most; so it gets everywhere at once. That is needed where
 * an answer turns on it: how many objects have the shape of the red one.
 *
 * ```ts
 * const config = defineConfig(registry, {
 *   hiddenSize: 64,
 *   encoders: { scene: { use: 'vit', imageSize: 48, patchSize: 8 }, question: { use: 'transformer' } },
 *   fusion: { use: 'film', condition: 'question' },
 *   heads: { answer: { use: 'classification', labels: ['yes', 'no'] } },
 * });
 * ```
 *
 * @throws UnknownNameError for a condition without an encoder; ConfigError where it is the only modality, and for steps that there are not
 */
export class FilmFusion extends Fusion {
  override readonly offers: readonly FusedPart[];
  readonly hiddenSize: number;
  /** Of each step, by conditioned slot: from the condition's vector to γ and β, side by side. */
  readonly modulations: readonly Readonly<Record<string, Linear | MutualModulation>>[];
  readonly join: SideBySide;
  readonly #condition: string;
  readonly #steps: readonly number[];

  constructor(config: FilmConfig, encoders: Encoders) {
    super();
    const { hiddenSize, condition, after, mutual, layerNormEps, added } = config;
    const joined = encodersBeside(added, encoders, 'fusion.added');
    checkModalities([condition], joined, 'fusion.condition');
    const { [condition]: conditioning, ...conditioned } = joined;
    if (Object.keys(conditioned).length === 0) throw conditionsNothing(condition);
    this.hiddenSize = hiddenSize;
    this.offers = offeredWith(config.added, 'owner');
    this.#condition = condition;
    this.#steps = chosenSteps(after, conditioned, 'all');
    this.modulations = this.#steps.map((step) =>
      mapRecord(conditioned, (encoder) => {
        const width = widthAfter(encoder, step, conditioned);
        if (mutual) return new MutualModulation(conditioning.pooledSize, width, layerNormEps);
        return new Linear(conditioning.pooledSize, 2 * width, { initializer: zeros });
      }),
    );
    this.join = new SideBySide(encoders, config);
  }

  override encodesWhole(slot: string): boolean {
    return slot === this.#condition;
  }

  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    const added = this.join.added.slots;
    const { [this.#condition]: conditioning, ...conditioned } = beside(added, encoders);
    const inputs = presentModalities(encoders, batch);
    const { [this.#condition]: given, ...others } = beside(added, inputs);
    const condition = given && conditioning.encode(given, context);
    const finished = runEncoders(conditioned, others, context, (step, sequences) => {
      const modulation = this.modulations[this.#steps.indexOf(step)];
      if (!condition || !modulation) return sequences;
      return mapRecord(sequences, (tokens, slot) => modulated(tokens, modulation[slot], condition, batch.size));
    });
    const all = mapRecord(inputs, (input, slot) => {
      if (slot === this.#condition) return condition!;
      return finished[slot] ?? encoders[slot].encode(input, context);
    });
    return this.join.forward(all, batch.size);
  }
}

/** The fusion `film`. */
export const film = defineFusion({
  name: 'film',
  config: options,
  create: (config, { hiddenSize, encoders }) => new FilmFusion({ ...config, hiddenSize }, encoders),
  slots: {
    ...betweenLayersSlots,
    check: ({ options, ...change }) =>
      requireSameSteps(change, (encoders) => beside([...options.added, options.condition], encoders)),
    carry: (path, shape, former, { slot, options }) => {
      const isSame = String(former.get(path)!.shape) === String(shape);
      if (slot !== options.condition || isSame || !/^modulations\.\d+\.[\w-]+(\.condition)?\.weight$/.test(path))
        return undefined;
      return new Float32Array(tf.util.sizeFromShape([...shape])); // another condition begins as nothing
    },
  },
});

/** (1 + γ) ∘ x + β in rows that have the condition, x in others. */
function modulated(
  tokens: Tokens,
  modulation: Linear | MutualModulation,
  condition: EncodedTokens,
  size: number,
): Tokens {
  const clean = zeroPadding(tokens.tokens, tokens.mask);
  const toRows = (own: tf.Tensor2D) => takeRows(placeRows(own, condition.rows, size), tokens.rows); // 0 without the condition
  let own: tf.Tensor2D; // (P, 2E)
  if (modulation instanceof MutualModulation) {
    const has = toRows(tf.ones([condition.rows.length, 1]));
    own = tf.mul(has, modulation.forward(toRows(condition.pooled), { tokens: clean, mask: tokens.mask }));
  } else own = toRows(modulation.forward(condition.pooled));
  const [scale, shift] = tf.split<tf.Tensor3D>(tf.expandDims(own, 1), 2, 2); // (P, 1, E)
  return withTokens(tokens, tf.add(tf.mul(clean, tf.add(scale, 1)), shift));
}

function conditionsNothing(condition: string): ConfigError {
  return new ConfigError({
    where: 'fusion.condition',
    expected: 'another modality beside it, to be conditioned',
    received: `a model with ${condition} alone`,
  });
}
