import { z } from 'zod';
import type { AdamNumber } from './adam-number';

/** How the losses of several heads are weighed against one another by what they come to, beside their fixed weights. */
export type LossBalance = UncertaintyOptions | GradientNormOptions;

/**
 * By what cannot be predicted of each (Kendall et al. 2018, eq. 10): with a learned s = log σ² for each head, its loss L counts as
 * exp(−s) · L + s / 2. A loss that stays large is taken for noisy, and counts less: at rest its weight is 1 / 2L.
 */
export interface UncertaintyOptions {
  readonly use: 'uncertainty';
  /** Full learning rate of the logarithms, which rises and falls as that of the stage does. Default: that of the stage. */
  readonly learningRate?: number | undefined;
}

/**
 * By how much each moves what they share (GradNorm, Chen et al. 2018): weights are learned so that heads which have come less far than others
 * have larger gradients there. They are as many together as there are heads.
 */
export interface GradientNormOptions {
  readonly use: 'gradient-norm';
  /** How far heads that are behind are favoured; at 0 all gradients become equally large. Default 1.5. */
  readonly alpha?: number;
  /** Of the weights. Default 0.025. */
  readonly learningRate?: number;
  /** What the heads share, of which gradients are taken: paths as in `train`. Default: encoders and fusion. */
  readonly over?: readonly string[];
}

export const lossBalanceSchema = z.discriminatedUnion('use', [
  z.strictObject({ use: z.literal('uncertainty'), learningRate: z.number().positive().optional() }),
  z.strictObject({
    use: z.literal('gradient-norm'),
    alpha: z.number().nonnegative().default(1.5),
    learningRate: z.number().positive().default(0.025),
    over: z.array(z.string().min(1)).min(1).default(['encoders', 'fusion']),
  }),
]);

/** Of one head. */
export interface HeadBalance extends AdamNumber {
  /** Its loss in the first step that it learned in. */
  readonly initialLoss: number;
}

/** What is learned of each head that has learned, by its name: a part of a checkpoint's position. */
export type BalanceState = Readonly<Record<string, HeadBalance>>;

/** What a step came to, for each head that learned in it. */
export interface BalancedStep {
  /** Losses without any weight. */
  readonly losses: Readonly<Record<string, number>>;
  /** Norms of the gradients of these over what the heads share, where they are asked for. */
  readonly gradientNorms?: Readonly<Record<string, number>> | undefined;
  /** What the schedule makes of a full learning rate. */
  readonly learningRate: (full: number) => number;
  /** The full one of the stage. */
  readonly fullRate: number;
}
