import { ConfigError } from '@polymodal/core';
import { runStatus } from '@polymodal/trainer';
import { leavingOut } from '../data/leaving-out';
import { runFolder } from '../data/open-parts';
import type { Surroundings } from '../surroundings';
import type { PreparedRun } from './prepare-run';

/** What a function makes of a run, without those rows that its model finds wrong, where the config has bad rows skipped: see {@link leavingOut}. */
export function withUsableRows<T>(
  run: PreparedRun,
  { messages }: Surroundings,
  use: (run: PreparedRun) => Promise<T>,
): Promise<T> {
  const { config, model, data, weights, signal } = run;
  const { train, validation, test } = data.parts;
  return leavingOut(
    {
      model,
      tables: { data: train, ...(validation && { evaluate: validation }), ...(test && { test }) },
      called: (own) => ({ ...own, '': own.data }), // a first batch has no name
      onError: config.project.data.onError,
      // A run is known by the weights of those rows that were left, and this is asked before rows are read.
      follows: (error) =>
        weights !== undefined && ConfigError.isInstance(error) && runStatus(runFolder(config)) !== 'none',
      messages,
      signal,
    },
    (tables, left) => {
      const parts = {
        train: tables.data ?? train,
        ...(tables.evaluate && { validation: tables.evaluate }),
        ...(tables.test && { test: tables.test }),
      };
      const own = weights && left.data ? Float64Array.from(left.data, (index) => weights[index]) : weights;
      return use({ ...run, data: { ...data, parts }, ...(own && { weights: own }) });
    },
  );
}
