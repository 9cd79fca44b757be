import {
  type Batch,
  ConfigError,
  type Context,
  type EncodedTokens,
  type Encoder,
  type Encoders,
  type ModalityBatch,
  mapRecord,
  runLayer,
  type SlotChange,
  type Tokens,
} from '@polymodal/core';
import { z } from 'zod';
import { beside } from './added-modalities';
import { presentModalities } from './present-modalities';

/** The option of fusions that work between the layers of encoders. */
export const afterLayers = z.array(z.int().positive()).min(1).readonly().optional();

/** The tokens of each modality that a row of the batch has, on their way through its encoder. */
export type Sequences = Readonly<Record<string, Tokens>>;

/**
 * Runs encoders side by side, with something between their layers. There are as many steps as the deepest of the
 * encoders has layers, D, and at least one. After step s an encoder of d layers has run ⌊d · s / D⌋ of them.
 *
 * @param inputs  those of the batch, by slot; the encoders of others are not run
 * @param between is called after each step, counted from 1, and gives the tokens to go on with
 */
export function runEncoders(
  encoders: Encoders,
  inputs: Readonly<Record<string, ModalityBatch>>,
  context: Context,
  between: (step: number, sequences: Sequences) => Sequences,
): Record<string, EncodedTokens> {
  const steps = stepsOf(encoders);
  let sequences: Sequences = mapRecord(inputs, (input, slot) => encoders[slot].embed(input, context));
  for (let step = 1; step <= steps; step++) {
    const advanced = mapRecord(sequences, (tokens, slot) => {
      const encoder = encoders[slot];
      let own = tokens;
      for (let index = layersRun(encoder, step - 1, steps); index < layersRun(encoder, step, steps); index++) {
        own = runLayer(encoder, index, own, context);
      }
      return own;
    });
    sequences = between(step, advanced);
  }
  return mapRecord(sequences, (tokens, slot) => encoders[slot].finish(tokens, context));
}

/**
 * As {@link runEncoders}, beside modalities that are added to a trained model: these are encoded by themselves, and no steps are counted
 * for them, so that what happens between the layers of others stays what it was.
 *
 * @throws MissingModalityError for a row of the batch that has no modality, UnknownNameError for one without an encoder
 */
export function runEncodersBeside(
  added: readonly string[],
  encoders: Encoders,
  batch: Batch,
  context: Context,
  between: (step: number, sequences: Sequences) => Sequences,
): Record<string, EncodedTokens> {
  const inputs = presentModalities(encoders, batch);
  const finished = runEncoders(beside(added, encoders), beside(added, inputs), context, between);
  return mapRecord(inputs, (input, slot) => finished[slot] ?? encoders[slot].encode(input, context));
}

/** How many steps {@link runEncoders} takes. */
function stepsOf(encoders: Encoders): number {
  return Math.max(1, ...Object.values(encoders).map(({ depth }) => depth));
}

/** The width of an encoder's tokens after a step. */
export function widthAfter(encoder: Encoder, step: number, encoders: Encoders): number {
  return encoder.widthAt(layersRun(encoder, step, stepsOf(encoders)));
}

/**
 * The steps after which a fusion works, in ascending order.
 *
 * @param after as the config says them
 * @param usual which half of them it is by default, or all
 * @throws ConfigError for one that is not taken
 */
export function chosenSteps(
  after: readonly number[] | undefined,
  encoders: Encoders,
  usual: 'lower' | 'upper' | 'all',
): number[] {
  const steps = stepsOf(encoders);
  const middle = Math.ceil(steps / 2);
  const all = Array.from({ length: steps }, (_, index) => index + 1);
  if (!after) return { lower: all.slice(0, middle), upper: all.slice(middle - 1), all }[usual];
  const beyond = after.find((step) => step > steps);
  if (beyond === undefined) return [...new Set(after)].sort((a, b) => a - b);
  throw new ConfigError({
    where: 'fusion.after',
    expected: `layers of the deepest encoder, from 1 to ${steps}`,
    received: String(beyond),
  });
}

/**
 * Makes sure that what works between layers does so after the same ones as before.
 *
 * @param counting those of the encoders for which steps are counted
 * @throws ConfigError where the deepest of them has another depth
 */
export function requireSameSteps(
  { kind, before, after, slot }: Omit<SlotChange, 'options'>,
  counting: (encoders: Encoders) => Encoders,
): void {
  if (kind === 'added') return; // beside those that are counted
  const [was, is] = [stepsOf(counting(before)), stepsOf(counting(after))];
  if (was === is) return;
  throw new ConfigError({
    where: 'fusion',
    expected: `a deepest encoder of ${was} layers, by which the fusion counts when it works between those of all`,
    received: `one of ${is} without the ${slot} that there was`,
    hint: 'After other layers, what it learned would mean something else.',
  });
}

function layersRun({ depth }: Encoder, step: number, steps: number): number {
  return Math.floor((depth * step) / steps);
}
