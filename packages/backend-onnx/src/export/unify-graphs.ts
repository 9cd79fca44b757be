import type { CapturedGraph } from '../capture/capture-function';
import { ExportError } from '../errors';
import type { ElementType } from '../onnx/element-type';
import type { GraphDefinition, ValueDefinition } from '../onnx/model-writer';
import type { TensorData } from '../tensor-data';
import { type Constant, isValue, type Node, type Operand, sameShape, type Value } from '../trace';
import { GraphBuilder, type SizeSource, type WeightsInFiles } from './graph-builder';
import { addProductWithWeight } from './products-with-weights';
import { fitSize, type SizeExpression, type SizeGrid, sizeText } from './size-expression';
import { addStandardNode } from './standard-operators';

import type { TensorValues } from './tensor-values';
import { computedConstant, reshapeTarget, unifyTensor } from './unify-constants';

/** What {@link unifyGraphs} needs to know beside the graphs. */
export interface UnifyOptions {
  readonly grid: SizeGrid;
  /** Where each named size of the grid can be read. */
  readonly sources: readonly SizeSource[];
  /** Names for the data of variables. */
  readonly weightNames: ReadonlyMap<TensorData, string>;
  /** Whether constants that grow with a size may be cut out of those of the last graph. */
  readonly allowTables: boolean;
  /** For a graph that this process compiles at once: where the weights are that stay in their files. */
  readonly storedWeights?: WeightsInFiles;
}

/** A graph, and what is known of the values in it. */
export interface UnifiedGraph extends GraphDefinition {
  /** Types and shapes of what nodes give, where these are the same at all sizes. */
  readonly types: ReadonlyMap<string, ValueType>;
}

/** Type and shape of a value of a graph. */
export interface ValueType {
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/**
 * Makes one graph for all sizes, of operators of the ONNX standard, out of the graphs that a function gave at the sizes
 * of a grid.
 *
 * A captured graph is specific to its shapes. The graphs at all combinations of two sizes per name must be the same
 * but for numbers which are polynomials of the sizes; these are replaced by what computes them. One more combination,
 * at other sizes, must be what the polynomials say, so that a number which only happens to fit is not believed.
 *
 * @throws ExportError that names the operation at which the graphs differ in another way
 */
export function unifyGraphs(graphs: readonly CapturedGraph[], options: UnifyOptions): UnifiedGraph {
  return new Unifier(graphs, options).unify();
}

class Unifier {
  readonly #builder: GraphBuilder;
  /** The name in the unified graph of every value of every graph. */
  readonly #names = new Map<Value, string>();
  readonly #types = new Map<string, ValueType>();
  readonly #first: CapturedGraph;

  readonly #graphs: readonly CapturedGraph[];
  readonly #options: UnifyOptions;

  constructor(graphs: readonly CapturedGraph[], options: UnifyOptions) {
    this.#graphs = graphs;
    this.#options = options;
    this.#first = graphs[0]!;
    const reserved = [...this.#first.inputs, ...this.#first.outputs].map(({ name }) => name);
    this.#builder = new GraphBuilder(options.sources, reserved, options.storedWeights);
  }

  unify(): UnifiedGraph {
    const first = this.#first;
    const graphs = this.#graphs;
    const builder = this.#builder;
    first.inputs.forEach(({ name }, i) => {
      for (const graph of graphs) this.#names.set(graph.inputs[i]!.value, name);
    });
    this.#nameOutputs();
    for (const [i, node] of first.nodes.entries()) {
      const nodes = graphs.map((graph) => graph.nodes[i]);
      this.#unifyNode(nodes, this.#first.kernelNames.get(node)!);
    }
    const last = graphs.find(({ nodes }) => nodes.length !== first.nodes.length);
    if (last !== undefined) refuse('the end of the graph', 'as many operations at all sizes', last.nodes.length);
    return {
      types: this.#types,
      nodes: builder.nodes,
      constants: builder.constants,
      inputs: first.inputs.map(({ name }, i) =>
        this.#definition(
          name,
          graphs.map(({ inputs }) => inputs[i]!.value),
        ),
      ),
      outputs: first.outputs.map(({ name }, i) =>
        this.#definition(
          name,
          graphs.map(({ outputs }) => outputs[i]!.value),
        ),
      ),
    };
  }

  #nameOutputs(): void {
    const names = this.#first.outputs.map(({ name }) => name).join(', ');
    for (const { outputs } of this.#graphs) {
      const own = outputs.map(({ name }) => name).join(', ');
      if (own !== names) refuse('the outputs', names, own);
      for (const { name, value } of outputs) this.#names.set(value, name);
    }
  }

  #unifyNode(nodes: readonly (Node | undefined)[], kernel: string): void {
    const [first] = nodes as [Node];
    const where = `${first.operator} of the kernel ${kernel}`;
    const isAlike = (node: Node | undefined): node is Node => node !== undefined && alike(node, first);
    if (!nodes.every(isAlike)) {
      const other = nodes.find((node) => node === undefined || !alike(node, first));
      refuse(where, `${describeNode(first)} at all sizes`, other === undefined ? 'no operation' : describeNode(other));
    }
    const inputs = first.inputs.map((_, i) =>
      this.#unifyOperand(
        nodes.map(({ inputs }) => inputs[i]!),
        where,
        first.operator === 'Reshape' && i === 1 ? nodes : null,
      ),
    );
    const outputs = first.outputs.map((output, i) => {
      const name = this.#names.get(output) ?? this.#builder.freshName(first.operator.split('.').at(-1)!.toLowerCase());
      for (const { outputs } of nodes) this.#names.set(outputs[i]!, name);
      if (nodes.every(({ outputs }) => sameShape(outputs[i]!.shape, output.shape))) this.#types.set(name, output);
      return name;
    });
    const definition = { operator: first.operator, inputs, outputs, attributes: first.attributes };
    const ranks = first.inputs.map((input) => input?.shape.length ?? 0);
    if (this.#options.storedWeights === undefined || !addProductWithWeight(this.#builder, definition))
      addStandardNode(this.#builder, definition, ranks, where);
  }

  #unifyOperand(operands: readonly Operand[], where: string, reshapes: readonly Node[] | null): string {
    if (operands.every((operand) => operand === null)) return '';
    if (operands.every(isValue)) return this.#unifyValue(operands, where);
    if (!operands.every(isConstant)) refuse(where, 'the same kind of input at all sizes', 'different ones');
    const expressions = this.#fitAll(operands.map(({ values }) => values));
    if (expressions === null) refuse(where, 'constants that grow with the sizes', describe(operands));
    if (reshapes !== null) return reshapeTarget(this.#builder, expressions, this.#shapeOf(reshapes.map(firstInput)));
    return (
      computedConstant(this.#builder, operands[0]!, expressions) ?? refuse(where, 'short lists', describe(operands))
    );
  }

  #unifyValue(values: readonly Value[], where: string): string {
    const names = new Set(values.map((value) => this.#names.get(value)));
    if (names.size === 1) {
      const [name] = names;
      if (name !== undefined) return name;
    }
    const data = values.map((value, i) => this.#graphs[i]!.sources.get(value) ?? madeByKernel(value));
    if (names.size > 1 || data.some((one) => one === null))
      refuse(where, 'the same wiring at all sizes', 'another one');
    const { grid, allowTables, weightNames } = this.#options;
    const name = unifyTensor(this.#builder, data as TensorValues[], {
      name: weightNames.get(data[0] as TensorData),
      fit: (sizes) => fitSize(grid, sizes),
      allowTables,
      where,
    });
    for (const value of values) this.#names.set(value, name);
    return name;
  }

  /** An expression for each element of lists that are equally long; null if there is none. */
  #fitAll(lists: readonly (readonly number[])[]): SizeExpression[] | null {
    const [first] = lists as [readonly number[]];
    if (lists.some((list) => list.length !== first.length)) return null;
    const expressions = first.map((_, i) =>
      fitSize(
        this.#options.grid,
        lists.map((list) => list[i]!),
      ),
    );
    return expressions.every((expression) => expression !== null) ? expressions : null;
  }

  #shapeOf(values: readonly Value[]): SizeExpression[] | null {
    return this.#fitAll(values.map(({ shape }) => shape));
  }

  #definition(name: string, values: readonly Value[]): ValueDefinition {
    const shape =
      this.#shapeOf(values) ?? refuse(`the output ${name}`, 'sizes that grow with those named', describe(values));
    return { name, type: values[0]!.type, shape: shape.map((size) => sizeText(size, this.#options.grid.names)) };
  }
}

/** A number that a kernel feeds by itself, so that another one does not make another program. */
function madeByKernel({ node, host, shape }: Value): TensorValues | null {
  if (node !== null || host === null) return null;
  const dtype = host instanceof Float32Array ? 'float32' : host instanceof Int32Array ? 'int32' : 'bool';
  return { shape, dtype, values: host };
}

function firstInput({ inputs }: Node): Value {
  return inputs[0] as Value;
}

function isConstant(operand: Operand): operand is Constant {
  return operand !== null && !('index' in operand);
}

/** The same operation, whatever its inputs are. */
function alike(a: Node, b: Node): boolean {
  const isSameOperator = a.inputs.length === b.inputs.length && a.outputs.length === b.outputs.length;
  return isSameOperator && describeNode(a) === describeNode(b);
}

function describeNode({ operator, attributes }: Node): string {
  return `${operator} ${JSON.stringify(attributes)}`;
}

function describe(
  operands: readonly { readonly shape: readonly number[]; readonly values?: readonly number[] }[],
): string {
  return operands.map(({ shape, values }) => `[${(values ?? shape).slice(0, 8)}]`).join(', ');
}

function refuse(where: string, expected: string, received: string | number): never {
  throw new ExportError(`The function is not one graph for all sizes: it differs at ${where}.`, {
    expected,
    received: String(received),
    hint: 'Leave that axis out of dynamicAxes, give traceSizes that the function takes alike, or compute it from tensors.',
  });
}
