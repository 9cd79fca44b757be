import { ConfigError, type Encoders, suggestNames, UnknownNameError } from '@polymodal/core';
import { activationNames } from '@polymodal/nn';
import { z } from 'zod';

/** Options of the head `contrastive`. */
export const contrastiveOptions = z.object({
  /** Which modalities are aligned, two or more. Default: all. */
  modalities: z.array(z.string()).min(2).readonly().optional(),
  /** E, width of the shared space. Default: that of the fusion; without projections, that of the encoders' vectors. */
  embeddingSize: z.int().positive().optional(),
  /** From an encoder's vector into the shared space: a matrix, two linear layers (CLAP), or nothing, where it lies there (SigLIP). */
  projection: z.enum(['linear', 'mlp', 'none']).default('linear'),
  /** Between the two layers of an `mlp`. */
  projectionAct: z.enum(activationNames).default('relu'),
  /** What is learned: to choose among all others (CLIP: `softmax`), or of each pair whether it belongs together (SigLIP: `sigmoid`). */
  loss: z.enum(['softmax', 'sigmoid']).default('softmax'),
  /** The first value of the learned temperature, 1 / scale. Default 0.07, and 0.1 for `sigmoid`. */
  temperature: z.number().positive().optional(),
  /** Whether each modality has a scale of its own, for choosing among others by one of its rows (CLAP), instead of one for all. */
  scalePerModality: z.boolean().default(false),
  /** What the scale never goes beyond, as its training may run away; `null` for no bound. */
  maxScale: z.number().positive().nullable().default(100),
  /** The first value of what `sigmoid` adds to scaled cosines. Default −10. */
  bias: z.number().optional(),
});

/** Sizes and choices of a `ContrastiveHead`. */
export interface ContrastiveConfig
  extends Required<Omit<z.output<typeof contrastiveOptions>, 'modalities' | 'embeddingSize' | 'bias'>> {
  /** How error messages call the head. */
  readonly name: string;
  readonly modalities: readonly string[];
  readonly embeddingSize: number;
  /** Undefined where nothing is added. */
  readonly bias: number | undefined;
}

/** What stands around the head. */
interface Surroundings {
  readonly name: string;
  readonly encoders: Encoders;
  /** Width of the fusion. */
  readonly hiddenSize: number;
}

/**
 * The options with what depends on one another and on the model.
 *
 * @throws ConfigError, UnknownNameError for options that do not go together
 */
export function resolveContrastiveConfig(
  options: z.output<typeof contrastiveOptions>,
  { name, encoders, hiddenSize }: Surroundings,
): ContrastiveConfig {
  const where = `heads.${name}`;
  const isSigmoid = options.loss === 'sigmoid';
  const modalities = options.modalities ?? Object.keys(encoders);
  checkModalities(modalities, encoders, `${where}.modalities`);
  if (!isSigmoid && options.bias !== undefined) {
    throw new ConfigError({
      where: `${where}.bias`,
      expected: 'none, since it changes no choice among others',
      received: String(options.bias),
      hint: 'It belongs to loss: "sigmoid".',
    });
  }
  if (isSigmoid && options.scalePerModality) {
    throw new ConfigError({
      where: `${where}.scalePerModality`,
      expected: 'false, since a pair is judged once, from neither side',
      received: 'true',
      hint: 'Scales of their own belong to loss: "softmax".',
    });
  }
  const temperature = options.temperature ?? (isSigmoid ? 0.1 : 0.07);
  if (1 / temperature > (options.maxScale ?? Number.POSITIVE_INFINITY)) {
    throw new ConfigError({
      where: `${where}.temperature`,
      expected: `at least 1 / maxScale, ${1 / options.maxScale!}`,
      received: String(temperature),
    });
  }
  const embeddingSize =
    options.projection === 'none'
      ? commonWidth(modalities, encoders, options.embeddingSize, where)
      : (options.embeddingSize ?? hiddenSize);
  return {
    ...options,
    name,
    modalities,
    temperature,
    embeddingSize,
    bias: isSigmoid ? (options.bias ?? -10) : undefined,
  };
}

/** @throws ConfigError for vectors that cannot be compared as they are */
function commonWidth(
  modalities: readonly string[],
  encoders: Encoders,
  embeddingSize: number | undefined,
  where: string,
): number {
  const widths = modalities.map((modality) => encoders[modality].pooledSize);
  const [width] = widths;
  if (widths.some((own) => own !== width)) {
    throw new ConfigError({
      where: `${where}.projection`,
      expected: 'projections, since the vectors of the encoders are of different widths',
      received: `"none" for ${modalities.map((modality, index) => `${modality} (${widths[index]})`).join(', ')}`,
    });
  }
  if ((embeddingSize ?? width) === width) return width;
  throw new ConfigError({
    where: `${where}.embeddingSize`,
    expected: `the width of the encoders' vectors, ${width}, since there are no projections`,
    received: String(embeddingSize),
  });
}

function checkModalities(modalities: readonly string[], encoders: Encoders, where: string): void {
  const known = Object.keys(encoders);
  const unknown = modalities.find((modality) => !known.includes(modality));
  if (unknown !== undefined) {
    throw new UnknownNameError({
      where,
      expected: 'the name of an encoder slot',
      received: `"${unknown}"`,
      hint: suggestNames(unknown, known),
    });
  }
  if (new Set(modalities).size >= 2) return;
  throw new ConfigError({
    where,
    expected: 'at least two modalities to align',
    received: modalities.join(', ') || 'none',
    hint: 'Give the model a second encoder, or leave the contrastive head out.',
  });
}
