import { defineProcessor, type ProcessorSetup } from '@polymodal/core';
import { z } from 'zod';
import { type Cells, CellsProcessor, cellOrNothing, missingOptions } from './cells-processor';
import { type ColumnOptions, categoryOptions, columnOf, dateOptions, numberOptions } from './columns/column-options';

const only = 'cell';

/** Reads values that are a cell each: a price, a colour, a date. An empty one is absent. */
export class CellProcessor extends CellsProcessor<unknown> {
  readonly #missing: readonly string[];

  constructor(column: ColumnOptions, missing: readonly string[]) {
    super(new Map([[only, columnOf(column)]]));
    this.#missing = missing;
  }

  isAbsent(raw: unknown): boolean {
    return cellOrNothing(raw, this.#missing) === undefined;
  }

  protected override cellsOf(raw: unknown): Cells {
    return { [only]: cellOrNothing(raw, this.#missing) };
  }

  protected override name(): undefined {
    return undefined;
  }
}

/** The processor of a slot that takes a number a sample. */
export const numberProcessor = defineProcessor({
  config: z.object({ ...numberOptions, ...missingOptions }),
  create: ({ missing, ...options }, setup) =>
    restored(new CellProcessor({ type: 'number', ...options }, missing), setup),
});

/** The processor of a slot that takes the name of a category a sample. */
export const categoryProcessor = defineProcessor({
  config: z.object({ ...categoryOptions, ...missingOptions }),
  create: ({ missing, ...options }, setup) =>
    restored(new CellProcessor({ type: 'category', ...options }, missing), setup),
});

/** The processor of a slot that takes a date a sample. */
export const dateProcessor = defineProcessor({
  config: z.object({ ...dateOptions, ...missingOptions }),
  create: ({ missing, ...options }, setup) => restored(new CellProcessor({ type: 'date', ...options }, missing), setup),
});

/** The processor of a slot that takes yes or no a sample. */
export const flagProcessor = defineProcessor({
  config: z.object(missingOptions),
  create: ({ missing }, setup) => restored(new CellProcessor({ type: 'flag' }, missing), setup),
});

function restored(processor: CellProcessor, { savedFile }: ProcessorSetup): CellProcessor {
  processor.restore(savedFile);
  return processor;
}
