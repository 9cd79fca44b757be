import { type HostArray, heldTypeOf } from './data-type';
import type { ConstantDefinition, GraphDefinition } from './onnx/model-writer';
import { overwritableInputs } from './overwrites';
import { arithmeticOperations, graphBytes, intermediateBytes, singleThreadOperations } from './program-cost';
import { reachable } from './reachable';
import type { NativeTensor, OnnxRuntime, Session } from './session';
import type { ProgramShapes } from './shape-difference';
import { type Constant, isValue, type Node, type Operand, type Trace, type Value } from './trace';

/** About how much memory a program takes, in bytes. */
interface ProgramMemory {
  /** For its graph, as long as it is there. */
  readonly graphBytes: number;
  /** For intermediate values, while it runs. */
  readonly intermediateBytes: number;
  /** Whether it keeps the memory of intermediate values from run to run. */
  readonly isKept: boolean;
}

/** A compiled trace. It can be run with the inputs of any trace that has the same coding. */
export class Program {
  readonly #feeds: Record<string, NativeTensor> = {};
  readonly #fetches: Record<string, NativeTensor> = {};
  readonly #feedList: NativeTensor[] = [];
  readonly #fetchList: NativeTensor[] = [];
  /** Which of the trace's inputs the program reads. */
  readonly inputPositions: number[] = [];

  readonly #session: Session;

  constructor(
    readonly coding: Int32Array,
    readonly memory: ProgramMemory,
    /** For each output the position of an input in whose memory it may be written, or −1. */
    readonly overwrites: readonly number[],
    session: Session,
    inputs: readonly Value[],
    usedInputs: ReadonlySet<Value>,
    outputs: readonly Value[],
  ) {
    this.#session = session;
    inputs.forEach((input, position) => {
      if (!usedInputs.has(input)) return;
      const feed = nativeTensor(input);
      this.inputPositions.push(position);
      this.#feedList.push(feed);
      this.#feeds[nameOf(input)] = feed;
    });
    for (const output of outputs) {
      const fetch = nativeTensor(output);
      this.#fetchList.push(fetch);
      this.#fetches[nameOf(output)] = fetch;
    }
  }

  /**
   * @param feeds   an array per input of the trace
   * @param targets an array per output to write into, or null to be given one; an input's array where
   *                {@link overwrites} allows it
   * @returns       the arrays of the outputs
   */
  run(feeds: readonly (HostArray | null)[], targets: readonly (HostArray | null)[]): HostArray[] {
    this.#feedList.forEach((feed, i) => {
      feed.data = feeds[this.inputPositions[i]!]!;
    });
    this.#fetchList.forEach((fetch, i) => {
      fetch.data = targets[i]!;
    });
    try {
      this.#session.run(this.#feeds, this.#fetches);
      return this.#fetchList.map((fetch) => fetch.data!);
    } finally {
      for (const feed of this.#feedList) feed.data = null;
      for (const fetch of this.#fetchList) fetch.data = null;
    }
  }

  /** Shapes of the inputs and outputs, for messages. */
  shapes(): ProgramShapes {
    const texts = (tensors: readonly NativeTensor[]) => tensors.map(({ type, dims }) => `${type}[${dims}]`);
    return { inputs: texts(this.#feedList), outputs: texts(this.#fetchList) };
  }

  dispose(): void {
    this.#session.dispose();
  }
}

/**
 * Compiles the part of a finished trace that `outputs` depend on.
 *
 * @param mayKeep whether a program that needs so many bytes for its intermediate values may keep them from run to run
 */
export function compileProgram(
  runtime: OnnxRuntime,
  trace: Trace,
  outputs: readonly Value[],
  mayKeep: (intermediateBytes: number) => boolean,
): Program {
  const { nodes, used } = reachable(trace, outputs);
  const graph = graphOf(trace, nodes, used, outputs);
  const singleThread = arithmeticOperations(nodes) < singleThreadOperations;
  const needed = intermediateBytes(nodes, new Set(outputs));
  const memory = { graphBytes: graphBytes(nodes), intermediateBytes: needed, isKept: mayKeep(needed) };
  const session = runtime.createSession(graph, { singleThread, keepsMemory: memory.isKept, optimizes: false });
  const overwrites = overwritableInputs(nodes, trace.inputs, outputs);
  return new Program(trace.coding.slice(), memory, overwrites, session, trace.inputs, used, outputs);
}

function graphOf(trace: Trace, nodes: Node[], used: Set<Value>, outputs: readonly Value[]): GraphDefinition {
  const constants = new Map<string, ConstantDefinition>();
  const nameOfOperand = (operand: Operand): string => {
    if (operand === null) return '';
    return isValue(operand) ? nameOf(operand) : constantName(operand, constants);
  };
  return {
    nodes: nodes.map(({ operator, inputs, outputs, attributes }) => ({
      operator,
      attributes,
      inputs: inputs.map(nameOfOperand),
      outputs: outputs.map(nameOf),
    })),
    inputs: trace.inputs.filter((input) => used.has(input)).map(definitionOf),
    outputs: outputs.map(definitionOf),
    constants: [...constants.values()],
  };
}

function constantName(constant: Constant, constants: Map<string, ConstantDefinition>): string {
  const values = constant.values.map((value) => (Object.is(value, -0) ? '-0' : String(value)));
  const key = `${constant.type}[${constant.shape}]${values}`;
  let definition = constants.get(key);
  if (definition === undefined) {
    definition = { ...constant, name: `c${constants.size}` };
    constants.set(key, definition);
  }
  return definition.name;
}

function nameOf(value: Value): string {
  return `v${value.index}`;
}

function definitionOf(value: Value) {
  return { name: nameOf(value), type: value.type, shape: value.shape };
}

function nativeTensor(value: Value): NativeTensor {
  return { type: heldTypeOf(value.type), dims: value.shape, data: null, location: 'cpu' };
}
