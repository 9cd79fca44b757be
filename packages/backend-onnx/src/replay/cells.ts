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
  readonly variable: tf.Variable | null;
  /** The cell that was found to be the same state, where there is one. */
  same: Cell | null;
}

/** Told which state it is that a call left behind, when a later call reads it. */
type Claim = (cell: Cell) => void;

/** All state that the calls of one step share, whatever the shapes of their inputs. */
export class Cells {
  readonly #byData = new WeakMap<TensorData, Cell>();
  readonly #ofVariables = new WeakMap<tf.Variable, Cell>();
  readonly #kept = new WeakMap<TensorData, Claim>();

  /** The cell that this data, from before the call and no variable, belongs to, a new one if none is known yet. */
  ofData(data: TensorData): Cell {
    const known = this.#byData.get(data);
    return known ? settled(known) : newCell(data, null);
  }

  /** The cell of a variable, which holds this data now. */
  ofVariable(variable: tf.Variable, data: TensorData): Cell {
    const cell = this.#ofVariables.get(variable) ?? newCell(data, variable);
    this.#ofVariables.set(variable, cell);
    return cell;
  }

  /** Notes that data holds the state of a cell now, and which output it was if a call left it behind. */
  hold(cell: Cell, data: TensorData): void {
    cell.current = data;
    this.#byData.set(data, cell);
    this.#kept.get(data)?.(cell);
  }

  /** Goes on with what was assigned to the variable of a cell since. */
  follow(backend: OnnxBackend, cell: Cell): void {
    if (cell.variable === null || cell.variable.isDisposed) return;
    const data = backend.tensorData(cell.variable);
    if (data !== cell.current) this.hold(cell, data);
  }

  /** Notes that a call left data behind that no cell is known for. */
  keep(data: TensorData, claim: Claim): void {
    this.#kept.set(data, claim);
  }
}

function newCell(current: TensorData, variable: tf.Variable | null): Cell {
  return { current, variable, same: null };
}

/** The cell that stands for all that were found to be the same state. */
export function settled(cell: Cell): Cell {
  let last = cell;
  while (last.same !== null) last = last.same;
  return last;
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
