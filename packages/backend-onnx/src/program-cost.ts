import { elementCount } from './element-count';
import { ElementType } from './onnx/element-type';
import { isValue, type Node, type Value } from './trace';

/** Below this many operations a second thread costs more than it brings. */
export const singleThreadOperations = 400_000;

const product = /MatMul|Gemm|Conv|Einsum/;

/** A rough count of the arithmetic operations of a graph: elements written, and for products every multiplication. */
export function arithmeticOperations(nodes: readonly Node[]): number {
  let total = 0;
  for (const { operator, inputs, outputs } of nodes) {
    for (const { shape } of outputs) total += elementCount(shape);
    const [a, b] = inputs;
    if (!product.test(operator) || !isValue(a) || !isValue(b)) continue;
    total += Math.sqrt(elementCount(a.shape) * elementCount(b.shape) * elementCount(outputs[0]!.shape));
  }
  return total;
}

/** About how many bytes ONNX Runtime holds for a compiled graph itself: 5 to 6 kB a node in training steps of Transformers. */
export function graphBytes(nodes: readonly Node[]): number {
  return 5500 * nodes.length;
}

/**
 * About how many bytes a graph's intermediate values take: the most that are alive at once. Inputs and outputs are not
 * among them.
 */
export function intermediateBytes(nodes: readonly Node[], outputs: ReadonlySet<Value>): number {
  const lastUse = new Map<Value, number>();
  nodes.forEach(({ inputs }, i) => {
    for (const input of inputs) if (isValue(input) && input.node !== null) lastUse.set(input, i);
  });
  let [alive, peak] = [0, 0];
  nodes.forEach((node, i) => {
    for (const output of node.outputs) alive += outputs.has(output) ? 0 : bytesOf(output);
    peak = Math.max(peak, alive);
    for (const input of new Set(node.inputs)) {
      if (isValue(input) && lastUse.get(input) === i && !outputs.has(input)) alive -= bytesOf(input);
    }
  });
  return peak;
}

/** Bytes of everything that nodes compute. */
export function computedBytes(nodes: readonly Node[]): number {
  let total = 0;
  for (const { outputs } of nodes) for (const output of outputs) total += bytesOf(output);
  return total;
}

/** A reshaped value shares its memory with the original. */
function bytesOf({ type, shape, node }: Value): number {
  if (node?.operator === 'Reshape') return 0;
  const width = type === ElementType.bool ? 1 : type === ElementType.int64 || type === ElementType.float64 ? 8 : 4;
  return width * elementCount(shape);
}
