import { inactive } from '../data/active-slots';
import { FrozenTowers } from '../towers/frozen-towers';
import { type AssembledBatch, batchAssembler } from './batch-assembler';
import type { CurrentStage } from './current-stage';
import type { KeptValues } from './kept-values';
import type { Position } from './position';
import { type AssembledStep, StepsAhead } from './steps-ahead';
import type { TrainingParts } from './training-parts';

/** The steps that a stage has left, assembled a few ahead, with what encodes beside them. */
export class StageSteps {
  readonly #ahead: StepsAhead<AssembledBatch>;
  readonly #towers: FrozenTowers | undefined;

  private constructor(ahead: StepsAhead<AssembledBatch>, towers: FrozenTowers | undefined) {
    this.#ahead = ahead;
    this.#towers = towers;
  }

  /** @throws as {@link FrozenTowers.open} */
  static async open(parts: TrainingParts, stage: CurrentStage, position: Position): Promise<StageSteps> {
    const { model, key, options } = parts;
    const { settings, batches, end, starts } = stage;
    const towers = await encodeBeforehand(parts, stage);
    const ahead = new StepsAhead(batches, {
      from: position.sources,
      steps: end - position.step,
      accumulate: settings.accumulate,
      depth: options.workers > 0 ? 2 : 1, // what other threads prepare comes in while this one computes
      assemble: batchAssembler({ model, key, augment: options.augment, starts, towers }, stage),
    });
    return new StageSteps(ahead, towers);
  }

  next(): Promise<AssembledStep<AssembledBatch>> {
    return this.#ahead.next();
  }

  /** What is kept of values that were encoded. */
  get kept(): readonly KeptValues[] {
    return this.#towers?.kept ?? [];
  }

  dispose(): void {
    this.#towers?.dispose();
  }
}

/** What does not learn in the stage, encoded as far as it can be kept; none where that is not asked for. */
async function encodeBeforehand(
  { model, progress, options }: TrainingParts,
  { settings, parameters, tokens, batches }: CurrentStage,
): Promise<FrozenTowers | undefined> {
  if (settings.frozenTowers === false) return undefined;
  const towers = await FrozenTowers.open({
    ...{ model, parameters, precision: settings.frozenTowers, tokens, options },
    absent: inactive(model.modalities, settings.activate),
  });
  try {
    await towers.prepare(
      batches.sources.map(({ store }) => store),
      progress,
    );
    return towers;
  } catch (error) {
    towers.dispose();
    throw error;
  }
}
