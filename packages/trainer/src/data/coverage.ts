import type { Model, PreparedSample } from '@polymodal/core';

/** What of a model does not occur in data. */
export interface Gaps {
  /** Slots of which no sample has a value. */
  readonly slots: readonly string[];
  /** Heads for which no sample has both a target and the modalities that they need. */
  readonly heads: readonly string[];
}

/** Notes, sample by sample, which slots and heads of a model occur in data: one that never does learns nothing. */
export class Coverage {
  readonly #slots: Set<string>;
  readonly #heads: Set<string>;

  readonly #model: Model;

  constructor(model: Model) {
    this.#model = model;
    this.#slots = new Set(model.modalities);
    this.#heads = new Set(Object.keys(model.heads));
  }

  /** What no sample had so far. */
  get gaps(): Gaps {
    return { slots: [...this.#slots], heads: [...this.#heads] };
  }

  add({ features, targets }: PreparedSample): void {
    const present = Object.keys(features);
    for (const slot of present) this.#slots.delete(slot);
    for (const name of this.#heads) {
      const learns = name in targets || !needsTarget(this.#model, name);
      if (learns && this.#model.canRun(name, present)) this.#heads.delete(name);
    }
  }
}

/**
 * Says on standard error, as warnings of the process, which slots and heads have nothing to learn from.
 *
 * @param where how the warnings call the data
 */
export function warnOfGaps(model: Model, { slots, heads }: Gaps, where: string): void {
  for (const slot of slots)
    warn(`${where}: no sample has a value for the slot "${slot}", so nothing is learned of it.`);
  for (const head of heads) {
    const needed = needsTarget(model, head)
      ? `the target "${model.targets[head].name}" and the modalities`
      : 'the modalities';
    warn(`${where}: no sample has ${needed} that the head "${head}" needs, so nothing is known of it.`);
  }
}

function warn(message: string): void {
  process.emitWarning(message, { type: 'PolymodalWarning', code: 'POLYMODAL_UNUSED' });
}

/** Whether a head learns from samples with its target alone. */
function needsTarget(model: Model, head: string): boolean {
  return head in model.targets && model.heads[head].needsTarget;
}
