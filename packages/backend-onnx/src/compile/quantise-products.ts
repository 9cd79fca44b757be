import { elementCount } from '../element-count';
import { ElementType } from '../onnx/element-type';
import type { ConstantDefinition, GraphDefinition, NodeDefinition } from '../onnx/model-writer';

/**
 * Has products with constant matrices computed in integers of 8 bits: the weights rounded beforehand, with a scale for each output
 * (symmetric, so that 0 stays 0), and what they are multiplied with when it is there, with one scale for all of it (ONNX Runtime's
 * `DynamicQuantizeMatMul`). Everything else stays float32.
 *
 * @param valuesOf reads a weight that lies in a file: one after the other, so that they are not in memory together
 */
export function quantiseProducts(
  graph: GraphDefinition,
  valuesOf: (weight: ConstantDefinition) => ConstantDefinition['values'],
): GraphDefinition {
  const constants = new Map(graph.constants.map((constant) => [constant.name, constant]));
  const quantised = new Map<string, QuantisedMatrix>();
  const nodes = graph.nodes.map((node): NodeDefinition => {
    const product = productWithMatrix(node, constants);
    if (!product) return node;
    const key = `${product.matrix.name} ${product.isTransposed}`;
    const own = quantised.get(key) ?? quantise(product.matrix, product.isTransposed, valuesOf);
    quantised.set(key, own);
    const { name } = own.weight;
    return {
      operator: 'com.microsoft.DynamicQuantizeMatMul',
      inputs: [node.inputs[0]!, name, own.scales.name],
      outputs: node.outputs,
      attributes: {},
    };
  });
  const needed = new Set([...nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.map(({ name }) => name)]);
  const kept = graph.constants.filter(({ name }) => needed.has(name));
  const added = [...quantised.values()].flatMap(({ weight, scales }) => [weight, scales]);
  return { ...graph, nodes, constants: [...kept, ...added] };
}

/** A matrix (in, out) of integers, and what each of its columns is multiplied by. */
interface QuantisedMatrix {
  readonly weight: ConstantDefinition;
  readonly scales: ConstantDefinition;
}

/** x · W, or x · Wᵀ where the matrix is transposed, with W a constant of floats. */
function productWithMatrix(
  { operator, inputs, attributes }: NodeDefinition,
  constants: ReadonlyMap<string, ConstantDefinition>,
): { readonly matrix: ConstantDefinition; readonly isTransposed: boolean } | undefined {
  const { transA = 0, transB = 0, ...others } = attributes;
  const isProduct = ['MatMul', 'Gemm', 'com.microsoft.FusedMatMul'].includes(operator);
  if (!isProduct || inputs.length !== 2 || transA !== 0 || Object.keys(others).length > 0) return undefined;
  const matrix = constants.get(inputs[1]!);
  if (matrix?.shape.length !== 2 || matrix.type !== ElementType.float32) return undefined;
  return { matrix, isTransposed: transB === 1 };
}

function quantise(
  matrix: ConstantDefinition,
  isTransposed: boolean,
  valuesOf: (weight: ConstantDefinition) => ConstantDefinition['values'],
): QuantisedMatrix {
  const { name, shape } = matrix;
  const values = matrix.external ? valuesOf(matrix) : matrix.values;
  const [inputs, outputs] = isTransposed ? [shape[1]!, shape[0]!] : [shape[0]!, shape[1]!];
  const at = (input: number, output: number) =>
    values[isTransposed ? output * inputs + input : input * outputs + output]!;
  const scales = new Float32Array(outputs);
  const weight = new Int8Array(elementCount(shape));
  for (let output = 0; output < outputs; output++) {
    let largest = 0;
    for (let input = 0; input < inputs; input++) largest = Math.max(largest, Math.abs(at(input, output)));
    scales[output] = largest > 0 ? largest / 127 : 1;
    for (let input = 0; input < inputs; input++) {
      weight[input * outputs + output] = Math.round(at(input, output) / scales[output]!);
    }
  }
  const bytes = new Uint8Array(weight.buffer);
  return {
    weight: { name: `${name}/int8/${isTransposed}`, type: ElementType.int8, shape: [inputs, outputs], values: bytes },
    scales: { name: `${name}/scales/${isTransposed}`, type: ElementType.float32, shape: [outputs], values: scales },
  };
}
