import type { ModelFigures } from '../evaluation/evaluate-heads';
import { type BestEpoch, type BestOptions, bestEpochs, isSettled, requireFigure } from './best-epoch';
import { BestModels, type KeptModel } from './best-models';
import type { EpochRecord } from './epoch-record';
import type { Position } from './position';
import type { TrainingParts } from './training-parts';

/** What a search for the best epochs goes by. */
export interface BestSearchParts {
  readonly options: BestOptions;
  readonly models: BestModels;
  /** The number and name of the last stage, among whose epochs the best are. */
  readonly stage: number;
  readonly stageName: string | undefined;
}

/** Looks for the best epochs of a run, whose models it keeps. What it knows of them follows from the history of the position. */
export class BestSearch {
  readonly #parts: BestSearchParts;

  constructor(parts: BestSearchParts) {
    this.#parts = parts;
  }

  /** The best so far, the very best first. */
  bestAt(position: Position): BestEpoch[] {
    return bestEpochs(this.#judged(position), this.#parts.options);
  }

  /** Whether patience is at its end. */
  isSettledAt(position: Position): boolean {
    return isSettled(this.#judged(position), this.#parts.options);
  }

  /** Before anything is learned for it. Some figures take many samples: of AUROC both classes have to be there. @throws UnknownNameError */
  async requireFigure(position: Position, evaluate: () => Promise<ModelFigures>): Promise<void> {
    if (this.#judged(position).length === 0) requireFigure(this.#parts.options, await evaluate());
  }

  /** Makes sure that the models of the best so far are there, before more is learned. @throws FileFormatError, StorageError */
  async requireKept(position: Position): Promise<void> {
    const best = new Set(this.bestAt(position).map(({ epoch }) => epoch));
    await this.#parts.models.require(position.kept.filter(({ epoch }) => best.has(epoch)));
  }

  /** Keeps the model of the epoch that has just ended, if it is one of the best. @returns all that are kept then */
  async keepAt(position: Position): Promise<readonly KeptModel[]> {
    const { epoch, kept } = position;
    if (!this.bestAt(position).some((best) => best.epoch === epoch)) return kept;
    return [...kept.filter((own) => own.epoch !== epoch), await this.#parts.models.keep(epoch)];
  }

  /** Takes away the models of epochs that are none of the best any more. @returns those that are left */
  async pruneAt(position: Position): Promise<readonly KeptModel[]> {
    const best = new Set(this.bestAt(position).map(({ epoch }) => epoch));
    await this.#parts.models.remove(position.kept.filter(({ epoch }) => !best.has(epoch)));
    return position.kept.filter(({ epoch }) => best.has(epoch));
  }

  /** Gives the model the parameters of the best, or their mean. @returns what there is to say of it */
  async takeAt(position: Position): Promise<string> {
    const { options, models } = this.#parts;
    const best = this.bestAt(position);
    if (best.length === 0) return `No epoch had a number as ${options.by}: the model is that of the last.`;
    const taken = options.average ? best : best.slice(0, 1);
    await models.take(taken.map(({ epoch }) => position.kept.find((own) => own.epoch === epoch) ?? { epoch }));
    const [{ epoch, value }] = best;
    const figure = `whose ${options.by} was the ${options.order}: ${Number(value.toPrecision(4))}`;
    const all = this.#judged(position).length;
    if (taken.length === 1) return `Of ${all} epochs, the model is that of epoch ${epoch}, ${figure}.`;
    const others = taken.slice(1).map((own) => own.epoch);
    return `The model is the mean of epoch ${epoch}, ${figure}, and of ${others.join(', ')}.`;
  }

  #judged({ stage: at, history }: Position): readonly EpochRecord[] {
    const { stage, stageName } = this.#parts;
    return at < stage ? [] : history.filter((record) => record.stage === stageName);
  }
}

/** The search of a run; none where its options ask for no best epochs. */
export function bestSearchOf({ model, stages, folder, options }: TrainingParts): BestSearch | undefined {
  const { best } = options.settings;
  if (!best) return undefined;
  return new BestSearch({
    options: best,
    models: new BestModels(model, folder?.path('best')),
    stage: stages.length - 1,
    stageName: stages.at(-1)!.settings.name,
  });
}
