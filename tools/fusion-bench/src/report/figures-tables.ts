import type { Results } from '../results';
import { controlTable, costTable, type MethodTable, overviewTable, subsetTable } from './method-table';

/** The tables that a terminal and the guide have. */
export function figuresTables({ tasks, controls }: Results): MethodTable[] {
  return [
    ...Object.entries(tasks).flatMap(([task, methods]) => [
      overviewTable(task, methods),
      subsetTable(task, methods),
      costTable(task, methods),
    ]),
    controlTable(controls),
  ];
}
