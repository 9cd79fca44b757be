import type { HostArray } from './data-type';
import { ElementType } from './onnx/element-type';
import type { Attributes } from './onnx/model-writer';

/** A value of the recorded graph: one of its inputs (then `node` is null) or the output of a node. */
export interface Value {
  readonly index: number;
  readonly type: ElementType;
  readonly shape: number[];
  readonly node: Node | null;
  /** Values in host memory, where they are known: a kernel may check them, or choose by them what it records. */
  host: HostArray | null;
  /** The value of which this is a view in another shape. */
  readonly viewOf: Value | null;
  /** Its views, each recorded once. */
  views: Value[] | null;
}

/** A constant that becomes part of the compiled program; keep it small, its values are coded into the trace. */
export interface Constant {
  readonly values: readonly number[];
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** Input of a node; null leaves an optional input out. */
export type Operand = Value | Constant | null;

/** Whether an input of a node is there, and is a value of the graph. */
export function isValue(operand: Operand | undefined): operand is Value {
  return operand != null && 'index' in operand;
}

/** A recorded ONNX node. */
export interface Node {
  readonly operator: string;
  readonly inputs: readonly Operand[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
}

const noAttributes: Attributes = {};
const code = { absent: -1, constant: -2, input: -3, attributesEnd: -4, outputs: -5 } as const;

/**
 * The graph that kernels append to until a value is read.
 *
 * Beside the graph itself it keeps an integer coding of it, in which two traces are equal exactly if they are the
 * same program: same operators, attributes, constants, input types and shapes, wiring and outputs. Comparing two
 * codings is comparing two integer arrays, which costs far less than building keys out of strings.
 */
export class Trace {
  static #count = 0;

  /** Different for every trace. */
  readonly id = ++Trace.#count;
  readonly nodes: Node[] = [];
  readonly inputs: Value[] = [];
  /** What the inputs are fed from. */
  readonly feeds: (HostArray | null)[] = [];
  #valueCount = 0;
  #length = 0;
  #hashState = 0;

  #codes: Int32Array<ArrayBuffer>;

  /**
   * @param channelBlock that of {@link OnnxRuntime}, for what it runs itself; 1 for what is to run elsewhere too
   * @param codes scratch memory for the coding; a finished trace's may be handed on to the next one
   */
  constructor(
    readonly channelBlock = 1,
    codes = new Int32Array(1 << 14),
  ) {
    this.#codes = codes;
  }

  /** Hash of the coding, equal for equal traces. */
  get hash(): number {
    return this.#hashState;
  }

  /** The coding; valid until more is recorded. */
  get coding(): Int32Array {
    return this.#codes.subarray(0, this.#length);
  }

  /** The memory of the coding, for the next trace. */
  get scratch(): Int32Array<ArrayBuffer> {
    return this.#codes;
  }

  /**
   * An input of the program, fed from `feed` at the run.
   *
   * @param host its values for what is recorded; null if nothing may depend on them
   */
  input(feed: HostArray | null, type: ElementType, shape: number[], host: HostArray | null = feed): Value {
    const value: Value = { index: this.#valueCount++, type, shape, node: null, host, viewOf: null, views: null };
    this.inputs.push(value);
    this.feeds.push(feed);
    this.#push(code.input);
    this.#push(type);
    this.#pushAll(shape);
    return value;
  }

  /** Records a node with one output. */
  add(
    operator: string,
    inputs: readonly Operand[],
    shape: number[],
    type: ElementType = ElementType.float32,
    attributes: Attributes = noAttributes,
  ): Value {
    return this.addMany(operator, inputs, [{ shape, type }], attributes)[0]!;
  }

  /** Records a node with several outputs. */
  addMany(
    operator: string,
    inputs: readonly Operand[],
    outputs: readonly { shape: number[]; type: ElementType }[],
    attributes: Attributes = noAttributes,
  ): Value[] {
    const values: Value[] = [];
    const node: Node = { operator, inputs, outputs: values, attributes };
    this.#pushNode(node, outputs.length);
    for (const { shape, type } of outputs) values.push(this.#valueOfNode(node, type, shape, null, null));
    return values;
  }

  /** The same elements in another shape: a view of the value, or of what the value itself is a view of, recorded once. */
  reshape(x: Value, shape: number[]): Value {
    if (sameShape(x.shape, shape)) return x;
    const base = x.viewOf ?? x;
    if (sameShape(base.shape, shape)) return base;
    const found = base.views?.find((view) => sameShape(view.shape, shape));
    if (found !== undefined) return found;
    const target = { values: shape, type: ElementType.int64, shape: [shape.length] };
    const values: Value[] = [];
    const node: Node = { operator: 'Reshape', inputs: [base, target], outputs: values, attributes: noAttributes };
    this.#pushNode(node, 1);
    const view = this.#valueOfNode(node, x.type, shape, base.host, base);
    values.push(view);
    if (base.views === null) base.views = [view];
    else base.views.push(view);
    return view;
  }

  /** Ends the trace: `outputs` are the values that the program has to deliver. */
  finish(outputs: readonly Value[]): void {
    this.#push(code.outputs);
    for (const output of outputs) this.#push(output.index);
  }

  #pushNode(node: Node, outputCount: number): void {
    this.nodes.push(node);
    this.#push(intern(node.operator));
    this.#push(node.inputs.length);
    for (const input of node.inputs) this.#pushOperand(input);
    this.#pushAttributes(node.attributes);
    this.#push(outputCount);
  }

  #valueOfNode(node: Node, type: ElementType, shape: number[], host: HostArray | null, viewOf: Value | null): Value {
    return { index: this.#valueCount++, type, shape, node, host, viewOf, views: null };
  }

  #pushOperand(operand: Operand): void {
    if (operand === null) this.#push(code.absent);
    else if ('index' in operand) this.#push(operand.index);
    else {
      this.#push(code.constant);
      this.#push(operand.type);
      this.#pushAll(operand.shape);
      this.#pushAll(operand.values);
    }
  }

  #pushAttributes(attributes: Attributes): void {
    for (const name in attributes) {
      const value = attributes[name]!;
      this.#push(intern(name));
      if (typeof value === 'number') this.#pushNumber(value);
      else if (typeof value === 'string') this.#push(intern(value));
      else if ('float' in value) this.#pushNumber(value.float);
      else if ('subgraph' in value) this.#push(intern(value.subgraph.name));
      else this.#pushAll(value);
    }
    this.#push(code.attributesEnd);
  }

  #pushAll(numbers: readonly number[]): void {
    this.#push(numbers.length);
    for (const number of numbers) this.#pushNumber(number);
  }

  /** Codes any number exactly: its words if it is no 32-bit integer, with a mark which of the two follows. */
  #pushNumber(number: number): void {
    if (Object.is(number | 0, number)) {
      this.#push(0);
      this.#push(number);
    } else {
      this.#push(1);
      doubleView[0] = number;
      this.#push(wordView[0]!);
      this.#push(wordView[1]!);
    }
  }

  #push(word: number): void {
    if (this.#length === this.#codes.length) {
      const grown = new Int32Array(this.#length * 2);
      grown.set(this.#codes);
      this.#codes = grown;
    }
    this.#codes[this.#length++] = word;
    this.#hashState = Math.imul(this.#hashState ^ word, 0x9e3779b1) ^ (this.#hashState >>> 15);
  }
}

const doubleView = new Float64Array(1);
const wordView = new Int32Array(doubleView.buffer);

/** Whether two shapes are the same. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const interned = new Map<string, number>();

/** A number for a string, the same every time. */
function intern(text: string): number {
  let id = interned.get(text);
  if (id === undefined) {
    id = interned.size + 1;
    interned.set(text, id);
  }
  return id;
}
