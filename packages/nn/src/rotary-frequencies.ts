import type { RotaryParameters } from './rotary-parameters';

/** How fast pairs of values turn, and by what the result is multiplied. */
export interface RotaryFrequencies {
  /** [d/2], in radians for each position. */
  readonly frequencies: Float32Array;
  /** A factor of cosines and sines: 1, unless the kind scales attention with the length. */
  readonly attentionFactor: number;
}

/** What the frequencies of a sequence depend on, beside the parameters. */
export interface RotarySizes {
  /** d, even. */
  readonly headDim: number;
  readonly maxPositionEmbeddings: number;
  /** Length of the sequence, which counts for `dynamic` and `longrope`. */
  readonly length: number;
}

/** Frequencies of rotary position embedding, and their scalings for longer texts (HF `modeling_rope_utils`). */
export function rotaryFrequencies(parameters: RotaryParameters, sizes: RotarySizes): RotaryFrequencies {
  switch (parameters.ropeType) {
    case 'default':
      return { frequencies: baseFrequencies(parameters.ropeTheta, sizes.headDim), attentionFactor: 1 };
    case 'linear':
      return linear(parameters, sizes);
    case 'dynamic':
      return dynamic(parameters, sizes);
    case 'yarn':
      return yarn(parameters, sizes);
    case 'longrope':
      return longRope(parameters, sizes);
    case 'llama3':
      return llama3(parameters, sizes);
  }
}

type Kind<Name> = Extract<RotaryParameters, { readonly ropeType: Name }>;

/** θ^(−2j/d), rounded at each step as PyTorch rounds it. */
function baseFrequencies(theta: number, headDim: number): Float32Array {
  return Float32Array.from({ length: headDim / 2 }, (_, j) => 1 / Math.fround(theta ** Math.fround((2 * j) / headDim)));
}

/** All positions are closer together by the factor. */
function linear({ ropeTheta, factor }: Kind<'linear'>, { headDim }: RotarySizes): RotaryFrequencies {
  return { frequencies: baseFrequencies(ropeTheta, headDim).map((f) => f / factor), attentionFactor: 1 };
}

/** A sequence beyond the trained length gets a larger θ, which slows the slow pairs most ("NTK-aware"). */
function dynamic({ ropeTheta, factor }: Kind<'dynamic'>, sizes: RotarySizes): RotaryFrequencies {
  const { headDim, maxPositionEmbeddings } = sizes;
  const length = Math.max(sizes.length, maxPositionEmbeddings);
  const growth = (factor * length) / maxPositionEmbeddings - (factor - 1);
  const theta = ropeTheta * growth ** (headDim / (headDim - 2));
  return { frequencies: baseFrequencies(theta, headDim), attentionFactor: 1 };
}

/** Slow pairs are interpolated, fast ones kept, those between mixed; attention sharpens (Peng et al. 2023, eq. 13 to 22). */
function yarn(parameters: Kind<'yarn'>, { headDim, maxPositionEmbeddings }: RotarySizes): RotaryFrequencies {
  const { ropeTheta, mscale, mscaleAllDim, betaFast = 32, betaSlow = 1, truncate = true } = parameters;
  const trained = parameters.originalMaxPositionEmbeddings ?? maxPositionEmbeddings;
  const factor = parameters.factor ?? maxPositionEmbeddings / trained;
  const pairWithTurns = (turns: number) =>
    (headDim * Math.log(trained / (turns * 2 * Math.PI))) / (2 * Math.log(ropeTheta));
  const round = (bound: number, direction: (value: number) => number) => (truncate ? direction(bound) : bound);
  const low = Math.max(round(pairWithTurns(betaFast), Math.floor), 0);
  const high = Math.min(round(pairWithTurns(betaSlow), Math.ceil), headDim - 1);
  const width = high === low ? 0.001 : high - low;
  const frequencies = baseFrequencies(ropeTheta, headDim).map((f, j) => {
    const interpolated = Math.min(Math.max((j - low) / width, 0), 1);
    return (f / factor) * interpolated + f * (1 - interpolated);
  });
  const sharpness = (scale = 1) => (factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1);
  const inferred = mscale && mscaleAllDim ? sharpness(mscale) / sharpness(mscaleAllDim) : sharpness();
  return { frequencies, attentionFactor: parameters.attentionFactor ?? inferred };
}

/** Each pair has factors of its own, found by search, for short and for long sequences (Ding et al. 2024). */
function longRope(parameters: Kind<'longrope'>, sizes: RotarySizes): RotaryFrequencies {
  const trained = parameters.originalMaxPositionEmbeddings ?? sizes.maxPositionEmbeddings;
  const factors = sizes.length > trained ? parameters.longFactor : parameters.shortFactor;
  const frequencies = baseFrequencies(parameters.ropeTheta, sizes.headDim).map((f, j) => f / factors[j]);
  const factor = parameters.factor ?? sizes.maxPositionEmbeddings / trained;
  const inferred = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(trained));
  return { frequencies, attentionFactor: parameters.attentionFactor ?? inferred };
}

/** Pairs with long waves are slowed by the factor, those with short waves kept, those between mixed (Llama 3.1). */
function llama3(parameters: Kind<'llama3'>, { headDim, maxPositionEmbeddings }: RotarySizes): RotaryFrequencies {
  const { ropeTheta, factor, lowFreqFactor, highFreqFactor } = parameters;
  const trained = parameters.originalMaxPositionEmbeddings ?? maxPositionEmbeddings;
  const frequencies = baseFrequencies(ropeTheta, headDim).map((f) => {
    const waves = (trained * f) / (2 * Math.PI); // in the trained length
    if (waves > highFreqFactor) return f;
    if (waves < lowFreqFactor) return f / factor;
    const kept = (waves - lowFreqFactor) / (highFreqFactor - lowFreqFactor);
    return ((1 - kept) * f) / factor + kept * f;
  });
  return { frequencies, attentionFactor: 1 };
}
