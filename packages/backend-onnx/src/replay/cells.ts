import * as tf from '@tensorflow/tfjs-core';
import type { OnnxBackend } from '../backend';
import type { TensorData } from '../tensor-data';

/**
 * State that a step keeps from one call to the next: a variable, or a tensor that its code holds (an optimiser's
 * moments) and replaces at every call. A replayed step puts the new values where the old ones were.
 */
export interface Cell {
  /** What holds the state now. */
  current: TensorData;
  /** The variable whose value it is, if it is one. */
  variable: tf.Variable | null;
}

/** An output that somebody keeps; which state it is shows when a later call reads it. */
interface Keeper {
  claim(output: number, cell: Cell): void;
}

/** All state that the calls of one step share, whatever the shapes of their inputs. */
export class Cells {
  readonly #byData = new WeakMap<TensorData, Cell>();
  readonly #kept = new WeakMap<TensorData, { readonly keeper: Keeper; readonly output: number }>();

  /** The cell that this data, from before the call, belongs to; null if none is known yet. */
  find(data: TensorData): Cell | null {
    return this.#byData.get(data) ?? null;
  }

  /** Notes that data holds the state of a cell now, and which output it was if a call left it behind. */
  hold(cell: Cell, data: TensorData): void {
    cell.current = data;
    this.#byData.set(data, cell);
    const origin = this.#kept.get(data);
    origin?.keeper.claim(origin.output, cell);
  }

  /** Notes that a call left data behind that no cell is known for. */
  keep(data: TensorData, keeper: Keeper, output: number): void {
    this.#kept.set(data, { keeper, output });
  }
}

/** The variables of the program by the data that holds their values. */
export function variablesByData(backend: OnnxBackend): Map<TensorData, tf.Variable> {
  const variables = Object.values(tf.engine().registeredVariables);
  const ours = variables.filter((variable) => backend.refCount(variable.dataId) > 0);
  return new Map(ours.map((variable) => [backend.tensorData(variable), variable]));
}

/** Whether a cell still holds what its owner refers to. */
export function isCurrent(backend: OnnxBackend, { current, variable }: Cell): boolean {
  if (current.disposed || current.values === null) return false;
  return variable === null || (!variable.isDisposed && backend.tensorData(variable) === current);
}

/** Whether nobody but its owner would notice that the values of a cell are replaced. */
export function isReplaceable({ current }: Cell): boolean {
  return current.refCount === 1 && !current.pinned;
}
