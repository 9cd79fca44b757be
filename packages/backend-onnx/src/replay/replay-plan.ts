import { isDeepStrictEqual } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import type { OnnxBackend } from '../backend';
import type { HostArray, NumericType } from '../data-type';
import type { Program } from '../program';
import { describe, type Observation } from '../recording/observation';
import { type HostOrigin, TensorData } from '../tensor-data';
import { type Cell, type Cells, isCurrent, isReplaceable, settled } from './cells';

/** The arguments of a call by name. */
export type Arguments = ReadonlyMap<string, TensorData>;

/** What a step returned, by name. */
export type Results = readonly { readonly name: string | typeof singleResult; readonly tensor: tf.Tensor }[];

/** Where the values of an input of the program come from. */
type Source =
  | { readonly kind: 'argument'; readonly name: string }
  | { readonly kind: 'cell'; readonly cell: Cell }
  | {
      readonly kind: 'part';
      readonly part: TensorData;
      readonly whole: TensorData;
      readonly variable: tf.Variable | null;
    }
  | { readonly kind: 'host'; readonly origin: HostOrigin }
  | { readonly kind: 'constant'; readonly values: HostArray };

interface ResultSpec {
  readonly name: Results[number]['name'];
  readonly output: number;
  readonly shape: number[];
}

/** Which call of a step is to be expected for inputs of certain shapes: learnt from calls that were recorded, then replayed. */
export class ReplayPlan {
  /** Why the step cannot be replayed. */
  refusal: string | null = null;
  /** Calls replayed since the last recorded one, and how many may be: twice as many each time that one was the same. */
  #replays = 0;
  #mostReplays = 1;
  #program: { readonly hash: number; readonly coding: Int32Array; readonly inputCount: number } | null = null;
  #sources = new Map<number, Source>();
  #outputs: readonly { readonly dtype: NumericType; readonly size: number }[] = [];
  #results: readonly ResultSpec[] = [];
  #outputCells = new Map<number, Cell>();
  #recordings = 0;
  #restarts = 0;

  readonly #backend: OnnxBackend;
  readonly #cells: Cells;

  constructor(backend: OnnxBackend, cells: Cells) {
    this.#backend = backend;
    this.#cells = cells;
  }

  /**
   * Learns from a recorded call.
   *
   * @returns whether it was the same program, with the same values in it, as the recorded call before
   */
  learn(
    observation: Observation,
    given: Arguments,
    results: Results,
    before: ReadonlyMap<TensorData, tf.Variable>,
    after: ReadonlyMap<TensorData, tf.Variable>,
  ): boolean {
    if (this.#replays >= this.#mostReplays) this.#mostReplays *= 2;
    this.#replays = 0;
    this.#settle();
    const { run, problem } = observation;
    if (problem !== null || run === null) {
      this.refusal = problem ?? 'it computes nothing';
      return false;
    }
    const isSame = this.#program !== null && haveSameValues(this.#program.coding, run.program.coding);
    if (!isSame) this.#restart(run);
    this.#recordings++;
    const areInputs = this.#learnInputs(observation, given, before);
    const areOutputs = this.#learnOutputs(run.outputs, results, after);
    return isSame && areInputs && areOutputs;
  }

  /** Whether it is time to see that the step is still the same. */
  isDue(verifyEvery: number): boolean {
    return this.#replays >= Math.min(this.#mostReplays, verifyEvery);
  }

  /** Whether the next call may be replayed. */
  get isReady(): boolean {
    const isKnown = this.refusal === null && this.#recordings >= firstRecordings && this.#unknownOutputs === 0;
    if (!isKnown) return false;
    this.#settle();
    for (const source of this.#sources.values()) {
      if (source.kind === 'part' && !isStillOf(this.#backend, source)) return false;
      if (source.kind !== 'cell') continue;
      this.#cells.follow(this.#backend, source.cell);
      if (!isCurrent(this.#backend, source.cell)) return false;
    }
    for (const cell of this.#outputCells.values()) {
      if (!isCurrent(this.#backend, cell) || !isReplaceable(cell)) return false;
    }
    return true;
  }

  /** Runs the program again, and gives what the step returned; null if the program is not kept any more. */
  replay(given: Arguments): { readonly result: tf.Tensor | tf.NamedTensorMap | undefined } | null {
    const { hash, coding, inputCount } = this.#program!;
    const program = this.#backend.findProgram(hash, coding);
    if (program === null) return null;
    const feeds = this.#feeds(given, inputCount);
    const targets = this.#outputs.map(
      ({ dtype, size }, i) => this.#ownArray(program, i) ?? this.#backend.outputArray(dtype, size),
    );
    const values = this.#run(program, feeds, targets);
    for (const [output, cell] of this.#outputCells) {
      const old = cell.current.values!;
      cell.current.values = values[output]!;
      if (old !== values[output]) this.#backend.recycle(old);
    }
    this.#replays++;
    const published = new Map<number, tf.TensorInfo>();
    const results = this.#results.map(({ name, output, shape }) => {
      const shared = published.get(output);
      const own = values[output]!;
      const info = shared
        ? this.#backend.view(shared, shape)
        : this.#publish(output, shape, this.#outputCells.has(output) ? own.slice() : own); // state is written over
      published.set(output, info);
      return [name, tf.engine().makeTensorFromTensorInfo(info, this.#backend)] as const;
    });
    if (results.length === 0) return { result: undefined };
    return { result: results[0]![0] === singleResult ? results[0]![1] : Object.fromEntries(results) };
  }

  #restart(run: NonNullable<Observation['run']>): void {
    this.#restarts++;
    if (this.#restarts > maxRestarts) this.refusal ??= 'it records another program again and again';
    this.#program = { hash: run.hash, coding: run.program.coding, inputCount: run.feeds.length };
    this.#recordings = 0;
    this.#mostReplays = 1;
    this.#sources = new Map();
    this.#outputCells = new Map();
    this.#outputs = run.outputs.map(({ dtype, shape }) => ({
      dtype: dtype as NumericType,
      size: tf.util.sizeFromShape(shape),
    }));
  }

  /** Returns whether values that the call made itself were the same as before. */
  #learnInputs(observation: Observation, given: Arguments, before: ReadonlyMap<TensorData, tf.Variable>): boolean {
    const names = new Map([...given].map(([name, data]) => [data, name]));
    let areSame = true;
    for (const position of observation.run!.program.inputPositions) {
      const data = observation.inputs[position]; // undefined for what a kernel feeds itself
      const known = this.#sources.get(position);
      const name = data && names.get(data);
      const made = data ? observation.made.get(data) : observation.run!.feeds[position]!;
      if (name !== undefined) this.#sources.set(position, { kind: 'argument', name });
      else if (data && data.origin !== null) this.#sources.set(position, { kind: 'host', origin: data.origin });
      else if (made !== undefined || data === undefined) {
        if (known?.kind === 'constant' && !haveSameValues(known.values, made!)) {
          const what = data ? `a ${describe(data)} tensor` : 'a number';
          this.refusal ??= `${what} that it makes from values of JavaScript is another one at every call: hand it in as an input`;
          areSame = false;
        }
        this.#sources.set(position, { kind: 'constant', values: made! });
      } else if (data.whole !== null) {
        this.#sources.set(position, {
          kind: 'part',
          part: data,
          whole: data.whole,
          variable: before.get(data.whole) ?? null,
        });
      } else this.#learnCell(position, data, known, before.get(data) ?? null);
    }
    return areSame;
  }

  #learnCell(position: number, data: TensorData, known: Source | undefined, variable: tf.Variable | null): void {
    const found = variable === null ? this.#cells.ofData(data) : this.#cells.ofVariable(variable, data);
    const own = known?.kind === 'cell' ? known.cell : found;
    if (own !== found) {
      // What was followed under two names, because it was met in two steps, lives under one of them; two states live both.
      if (own.current.disposed && own.variable === found.variable) own.same = found;
      else this.refusal ??= 'it exchanges tensors that it keeps';
    }
    const cell = settled(own);
    this.#sources.set(position, { kind: 'cell', cell });
    this.#cells.hold(cell, data);
    this.#settle();
  }

  /** Takes cells that were found to be the same for one. */
  #settle(): void {
    for (const [position, source] of this.#sources) {
      if (source.kind === 'cell' && source.cell.same !== null) {
        this.#sources.set(position, { kind: 'cell', cell: settled(source.cell) });
      }
    }
    for (const [output, cell] of this.#outputCells) {
      if (cell.same !== null) this.#outputCells.set(output, settled(cell));
    }
  }

  /** Returns whether what the call computed went where it did before. */
  #learnOutputs(
    outputs: readonly TensorData[],
    results: Results,
    after: ReadonlyMap<TensorData, tf.Variable>,
  ): boolean {
    let areSame = this.#learnResults(outputs, results);
    outputs.forEach((data, output) => {
      if (data.disposed) return;
      const variable = after.get(data);
      const known = this.#outputCells.get(output);
      if (known && known.variable !== (variable ?? null)) {
        this.refusal ??= 'it assigns what it computes now to one variable and now to another';
        areSame = false;
      }
      const cell = known ?? (variable === undefined ? null : this.#cells.ofVariable(variable, data));
      if (cell === null) this.#cells.keep(data, this.#claimOf(output));
      else {
        this.#outputCells.set(output, cell);
        this.#cells.hold(cell, data);
      }
    });
    if (this.#recordings > maxRecordings && this.#unknownOutputs > 0) {
      this.refusal ??= 'it keeps tensors that it neither returns nor reads at its next call';
    }
    return areSame;
  }

  #learnResults(outputs: readonly TensorData[], results: Results): boolean {
    const known = this.#results;
    this.#results = results.map(({ name, tensor }) => {
      const output = outputs.indexOf(this.#backend.tensorData(tensor));
      if (output < 0) this.refusal ??= `it returns the tensor ${String(name)} without computing it`;
      return { name, output, shape: [...tensor.shape] };
    });
    if (this.#recordings === 1 || isDeepStrictEqual(known, this.#results)) return true;
    this.refusal ??= 'it returns what it computes under other names';
    return false;
  }

  /** An output that is kept is the next state of the cell that reads it, as long as the program is the same. */
  #claimOf(output: number): (cell: Cell) => void {
    const restarts = this.#restarts;
    return (cell) => {
      if (this.#restarts === restarts) this.#outputCells.set(output, cell);
    };
  }

  #isResult(output: number): boolean {
    return this.#results.some((result) => result.output === output);
  }

  /** Outputs that somebody keeps, of which it is not known as what. */
  get #unknownOutputs(): number {
    return this.#outputs.filter((_, i) => !this.#isResult(i) && !this.#outputCells.has(i)).length;
  }

  #feeds(given: Arguments, inputCount: number): (HostArray | null)[] {
    const computed = new Map<HostOrigin['compute'], readonly HostArray[]>();
    const feeds = new Array<HostArray | null>(inputCount).fill(null);
    for (const [position, source] of this.#sources) {
      if (source.kind === 'argument') feeds[position] = given.get(source.name)!.values;
      else if (source.kind === 'cell') feeds[position] = source.cell.current.values;
      else if (source.kind === 'constant') feeds[position] = source.values;
      else if (source.kind === 'part') feeds[position] = source.part.values;
      else {
        const { compute, index } = source.origin;
        const arrays = computed.get(compute) ?? compute();
        computed.set(compute, arrays);
        feeds[position] = arrays[index]!;
      }
    }
    return feeds;
  }

  /** The array of the state that an output replaces, where the program may write over it. */
  #ownArray(program: Program, output: number): HostArray | null {
    const source = this.#sources.get(program.overwrites[output]!);
    if (source?.kind !== 'cell' || source.cell !== this.#outputCells.get(output)) return null;
    return this.#backend.writesInPlace ? source.cell.current.values : null;
  }

  #run(program: Program, feeds: readonly (HostArray | null)[], targets: readonly (HostArray | null)[]): HostArray[] {
    try {
      return this.#backend.runProgram(program, feeds, targets);
    } catch (error) {
      // State that was being written over is lost; to read it has to fail.
      for (const { current } of this.#outputCells.values()) if (targets.includes(current.values)) current.values = null;
      throw error;
    }
  }

  #publish(output: number, shape: number[], values: HostArray): tf.TensorInfo {
    const { dtype } = this.#outputs[output]!;
    const data = new TensorData(dtype, shape);
    data.values = values;
    return { dataId: this.#backend.adopt(data), shape, dtype };
  }
}

/** Name of a result that the step returned as it is. */
export const singleResult = Symbol('result');

/** After so many programs a step is taken for one that never settles. */
const maxRestarts = 8;
/** Calls that have to be the same before one is replayed: a step that does something else every third time is found out by then. */
const firstRecordings = 3;
/** After so many calls everything that is kept should have been read again. */
const maxRecordings = 4;

/** Whether a variable still holds what a part was of, or else whether that is still there. */
function isStillOf(backend: OnnxBackend, { whole, variable }: Extract<Source, { kind: 'part' }>): boolean {
  if (variable === null) return !whole.disposed;
  return !variable.isDisposed && backend.tensorData(variable) === whole;
}

function haveSameValues(a: HostArray, b: HostArray): boolean {
  return a === b || (a.length === b.length && a.every((value, i) => Object.is(value, b[i])));
}
