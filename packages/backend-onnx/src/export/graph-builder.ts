import { ElementType } from '../onnx/element-type';
import type { Attributes, ConstantDefinition, NodeDefinition } from '../onnx/model-writer';
import type { StoredValues } from '../stored-values';
import { isConstant, type SizeExpression, sizeText } from './size-expression';

/** Where a named size can be read at a run: an axis of an input of the graph. */
export interface SizeSource {
  readonly name: string;
  readonly input: string;
  readonly axis: number;
}

/** Adds weights to a graph that stay in the files where they lie. */
export interface WeightsInFiles {
  /** @returns the name of the weight; undefined if it has to be read */
  add(builder: GraphBuilder, name: string, shape: readonly number[], stored: StoredValues): string | undefined;
}

/** Collects the nodes and constants of a graph, those among them that compute sizes. */
export class GraphBuilder {
  readonly nodes: NodeDefinition[] = [];
  readonly constants: ConstantDefinition[] = [];
  readonly #weights = new Set<string>();
  /** Nodes that are added when something takes their output. */
  readonly #deferred = new Map<string, NodeDefinition>();
  readonly #transposed = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #shared = new Map<string, string>();

  readonly #sources: readonly SizeSource[];

  /** @param sources of each named size, in the order of the names of the size expressions */
  constructor(
    sources: readonly SizeSource[],
    reserved: readonly string[],
    /** Keeps weights in their files; not in graphs that are written to one. */
    readonly storedWeights?: WeightsInFiles,
  ) {
    this.#sources = sources;
    for (const name of reserved) this.#taken.add(name);
  }

  /** A name that nothing in the graph has yet. */
  freshName(wanted: string): string {
    let name = wanted;
    for (let count = 1; this.#taken.has(name); count++) name = `${wanted}_${count}`;
    this.#taken.add(name);
    return name;
  }

  /** Adds a node with one output and returns the output's name. */
  add(operator: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const output = this.freshName(operator.toLowerCase());
    this.push({ operator, inputs, outputs: [output], attributes });
    return output;
  }

  /** Adds a node. */
  push(node: NodeDefinition): void {
    for (const input of node.inputs) {
      const deferred = this.#deferred.get(input);
      if (deferred === undefined) continue;
      this.#deferred.delete(input);
      this.push(deferred);
    }
    this.nodes.push(node);
  }

  /** A matrix with its axes exchanged, which is computed only if something takes it. */
  deferTranspose(matrix: string): string {
    const output = this.freshName('transpose');
    const node = { operator: 'Transpose', inputs: [matrix], outputs: [output], attributes: { perm: [1, 0] } };
    this.#deferred.set(output, node);
    this.#transposed.set(output, matrix);
    return output;
  }

  /** The matrix of which this is the transpose. */
  transposeOf(name: string): string | undefined {
    return this.#transposed.get(name);
  }

  /** A constant; equal ones that are not weights become one. */
  constant(values: readonly number[], type: ElementType, shape: readonly number[]): string {
    const exact = values.map((value) => (Object.is(value, -0) ? '-0' : String(value)));
    return this.#once(`${type}[${shape}]${exact}`, () => {
      const name = this.freshName('constant');
      this.constants.push({ name, type, shape, values });
      return name;
    });
  }

  /** A weight, under a name of its own. */
  weight(name: string, weight: Omit<ConstantDefinition, 'name'>): string {
    const fresh = this.freshName(name);
    this.constants.push({ ...weight, name: fresh });
    this.#weights.add(fresh);
    return fresh;
  }

  /** A weight, or a part of one, as float32: a weight too, since ONNX Runtime computes it once, when it compiles the graph. */
  widened(weight: string, type: ElementType): string {
    if (type === ElementType.float32) return weight;
    const output = this.add('Cast', [weight], { to: ElementType.float32 });
    this.#weights.add(output);
    return output;
  }

  /** Whether a name is that of a weight. */
  isWeight(name: string): boolean {
    return this.#weights.has(name);
  }

  /** An int64 list with these elements, computed at the run as far as they vary. */
  sizes(expressions: readonly SizeExpression[]): string {
    if (expressions.every(isConstant)) {
      const values = expressions.map(([value]) => value!);
      return this.constant(values, ElementType.int64, [values.length]);
    }
    if (expressions.length === 1) return this.#size(expressions[0]!);
    const parts = expressions.map((expression) => this.#size(expression));
    return this.#once(`concat ${parts}`, () => this.add('Concat', parts, { axis: 0 }));
  }

  /** An int64 list of one element. */
  #size(expression: SizeExpression): string {
    const names = this.#sources.map(({ name }) => name);
    return this.#once(`size ${sizeText(expression, names)}`, () => {
      const terms = expression.flatMap((coefficient, bits) =>
        coefficient === 0 ? [] : [this.#term(coefficient, bits)],
      );
      return terms.length === 0 ? this.#number(0) : terms.reduce((sum, term) => this.add('Add', [sum, term]));
    });
  }

  #term(coefficient: number, bits: number): string {
    const factors = this.#sources.filter((_, i) => (bits >> i) & 1).map((source) => this.#axisOf(source));
    if (coefficient !== 1 || factors.length === 0) factors.push(this.#number(coefficient));
    return factors.reduce((product, factor) => this.add('Mul', [product, factor]));
  }

  #axisOf({ name, input, axis }: SizeSource): string {
    return this.#once(`axis ${name}`, () => this.add('Shape', [input], { start: axis, end: axis + 1 }));
  }

  #number(value: number): string {
    return this.constant([value], ElementType.int64, [1]);
  }

  #once(key: string, make: () => string): string {
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const name = make();
    this.#shared.set(key, name);
    return name;
  }
}
