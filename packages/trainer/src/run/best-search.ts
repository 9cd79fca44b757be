import type { ModelFigures } from '../evaluation/evaluate-heads';
import { type BestEpoch, type BestOptions, bestEpoch, isSettled, requireFigure } from './best-epoch';
import type { BestParameters } from './best-parameters';
import type { EpochRecord } from './epoch-record';
import type { Position } from './position';

/** What a search for the best epoch goes by. */
export interface BestSearchParts {
  readonly options: BestOptions;
  readonly parameters: BestParameters;
  /** The number and name of the last stage, among whose epochs the best is. */
  readonly stage: number;
  readonly stageName: string | undefined;
}

/** Looks for the best epoch of a run, whose parameters it keeps. What it knows of follows from the history of the position. */
export class BestSearch {
  readonly #parts: BestSearchParts;

  constructor(parts: BestSearchParts) {
    this.#parts = parts;
  }

  /** The best so far. */
  bestAt(position: Position): BestEpoch | undefined {
    return bestEpoch(this.#judged(position), this.#parts.options);
  }

  /** Whether patience is at its end. */
  isSettledAt(position: Position): boolean {
    return isSettled(this.#judged(position), this.#parts.options);
  }

  /** Before anything is learned for it. Some figures take many samples: of AUROC both classes have to be there. @throws UnknownNameError */
  async requireFigure(position: Position, evaluate: () => Promise<ModelFigures>): Promise<void> {
    if (this.#judged(position).length === 0) requireFigure(this.#parts.options, await evaluate());
  }

  /** Keeps the parameters of the epoch that has just ended, if it is the best. */
  async keepAt(position: Position): Promise<void> {
    const best = this.bestAt(position);
    if (best && best.epoch === position.epoch) await this.#parts.parameters.keep();
  }

  /** Gives the model the parameters of the best. @returns what there is to say of it */
  async takeAt(position: Position): Promise<string> {
    const { options, parameters } = this.#parts;
    const best = this.bestAt(position);
    if (!best) return `No epoch had a number as ${options.by}: the model is that of the last.`;
    await parameters.take();
    const value = Number(best.value.toPrecision(4));
    return `The model is that of epoch ${best.epoch}, whose ${options.by} was the ${options.order}: ${value}.`;
  }

  #judged({ stage: at, history }: Position): readonly EpochRecord[] {
    const { stage, stageName } = this.#parts;
    return at < stage ? [] : history.filter((record) => record.stage === stageName);
  }
}
