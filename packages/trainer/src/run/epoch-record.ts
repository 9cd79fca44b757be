import { addTokens, noTokens, type TokenCount } from '../data/token-count';
import type { ModelFigures } from '../evaluation/evaluate-heads';
import { type AllModalities, addModalities, meanModalities } from '../modalities/modality-figures';
import { addTerms, type StepFigures, type TermMeans, type TermSums, termMeans } from '../step-figures';
import { describeWait } from './step-time';

/** What an epoch came to. */
export interface EpochRecord {
  /** The name of its stage, in a run of stages. */
  readonly stage?: string;
  /** From 1, through all stages. */
  readonly epoch: number;
  /** Steps since the beginning of training. */
  readonly step: number;
  /** Mean over the epoch's steps of the weighted sum of losses. */
  readonly loss: number;
  /** Loss of each head over all that it learned from: the weighted sum of the means of its terms. */
  readonly losses: Readonly<Record<string, number>>;
  /** The mean of each term of these losses, by head and name. */
  readonly terms: TermMeans;
  /** What the loss of each head counts for after it, where that changes. */
  readonly lossWeights?: Readonly<Record<string, number>>;
  /** How each modality took part, where it is watched. */
  readonly modalities?: AllModalities;
  /** Of its batches. */
  readonly tokens: TokenCount;
  /** Which share of the time of its steps, from 0 to 1, went by in waiting for data. */
  readonly dataWait: number;
  /** Seconds since the beginning of training, without interruptions. */
  readonly seconds: number;
  /** Figures on the evaluation samples with all modalities that each has. */
  readonly evaluation?: ModelFigures;
}

/** Sums of the part of an epoch that is done: what a checkpoint in its middle has to hold. */
export interface EpochTotals {
  readonly steps: number;
  readonly loss: number;
  readonly terms: TermSums;
  readonly modalities?: AllModalities;
  readonly tokens: TokenCount;
}

export const noTotals: EpochTotals = { steps: 0, loss: 0, terms: {}, tokens: noTokens };

/**
 * The sums with one more step.
 *
 * @param taken the tokens of its batches
 */
export function addStep(totals: EpochTotals, figures: StepFigures, taken: TokenCount): EpochTotals {
  const { steps, loss, terms, tokens } = totals;
  return {
    steps: steps + 1,
    loss: loss + figures.loss,
    terms: addTerms(terms, figures.terms),
    tokens: addTokens(tokens, taken),
    ...(figures.modalities && { modalities: addModalities(totals.modalities, figures.modalities) }),
  };
}

/** What an epoch came to, from its sums. */
export function epochFigures(
  totals: EpochTotals,
): Pick<EpochRecord, 'loss' | 'losses' | 'terms' | 'tokens' | 'modalities'> {
  const { steps, loss, terms, tokens, modalities } = totals;
  const { losses, means } = termMeans(terms);
  return {
    ...{ loss: loss / steps, losses, terms: means, tokens },
    ...(modalities && { modalities: meanModalities(modalities, steps) }),
  };
}

/** A line for the terminal. @param epochs how many there will be */
export function describeEpoch({ stage, epoch, loss, dataWait, evaluation = {} }: EpochRecord, epochs: number): string {
  const figures = Object.entries(evaluation).flatMap(([head, { metrics }]) =>
    Object.entries(metrics).map(([metric, value]) => `${head} ${metric} ${Number(value.toPrecision(3))}`),
  );
  const parts = [
    `epoch ${epoch}/${epochs}`,
    `loss ${loss.toPrecision(4)}`,
    ...figures.slice(0, 4),
    describeWait(dataWait, 'of the epoch'),
  ];
  return [...(stage === undefined ? [] : [stage]), ...parts].join('  ');
}
