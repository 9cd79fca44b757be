import { type Model, Module } from '@polymodal/core';

/**
 * What the parts of a model keep in JavaScript beside the values of their parameters: numbers, words, which functions and objects, in their
 * properties, lists and plain records. A pass that goes by it is another one once it has changed, which nothing in its inputs shows. What is
 * `#private`, or in a closure, cannot be seen.
 */
export class ModuleState {
  #seen: State = { names: [], values: [] };
  #version = 0;

  readonly #parts: Pick<Model, 'encoders' | 'fusion' | 'heads'>;

  constructor({ encoders, fusion, heads }: Model) {
    this.#parts = { encoders, fusion, heads };
  }

  /**
   * A number for what there is now: that of the call before, where nothing has changed since.
   *
   * @param onHabit is told once, when it has changed time and again, which property has
   */
  version(onHabit: (property: string) => void): number {
    const now: State = { names: [], values: [] };
    addState(now, '', this.#parts, new Set());
    const { values } = this.#seen;
    const changed = now.values.findIndex((value, index) => !Object.is(value, values[index]));
    if (changed < 0 && now.values.length === values.length) return this.#version;
    this.#seen = now;
    if (++this.#version === 1 + changesToTell) onHabit(now.names[changed] ?? now.names.at(-1)!);
    return this.#version;
  }
}

/** Something may be set once, at its first use, without being changed from step to step. */
const changesToTell = 3;

/** Values in the order in which they are met, and the names of the properties that have them. */
interface State {
  readonly names: string[];
  readonly values: unknown[];
}

function addState(state: State, name: string, value: unknown, met: Set<object>): void {
  if (!isWalked(value)) {
    state.names.push(name);
    state.values.push(value);
  } else if (!met.has(value)) {
    met.add(value);
    for (const key of Object.keys(value)) addState(state, Array.isArray(value) ? name : key, value[key], met);
  }
}

/** Modules, lists and plain records: that in which modules have parameters and modules too. */
function isWalked(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  return value instanceof Module || Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
