import { ExportError } from '../errors';
import { ElementType } from '../onnx/element-type';
import type { NodeDefinition } from '../onnx/model-writer';
import type { GraphBuilder } from './graph-builder';

type Expand = (builder: GraphBuilder, node: NodeDefinition, ranks: readonly number[]) => void;

/** Operators of ONNX Runtime's own, in terms of the standard's. */
const standardForms: Readonly<Record<string, Expand>> = {
  'com.microsoft.FusedMatMul'(builder, { inputs, outputs, attributes }, ranks) {
    const { transA, transB, alpha } = attributes;
    const factor = typeof alpha === 'object' && 'float' in alpha ? alpha.float : 1;
    const scaled =
      factor === 1 ? inputs[0]! : builder.add('Mul', [inputs[0]!, builder.constant([factor], ElementType.float32, [])]);
    const left = transA === 1 ? turned(builder, scaled, ranks[0]!) : scaled;
    const right = transB === 1 ? turned(builder, inputs[1]!, ranks[1]!) : inputs[1]!;
    builder.push({ operator: 'MatMul', inputs: [left, right], outputs, attributes: {} });
  },
};

/** Attributes that the standard forms understand. */
const known: Readonly<Record<string, readonly string[]>> = {
  'com.microsoft.FusedMatMul': ['transA', 'transB', 'alpha'],
};

/**
 * Adds a node in operators of the ONNX standard.
 *
 * @param ranks of the inputs
 * @throws ExportError if it has no standard form
 */
export function addStandardNode(
  builder: GraphBuilder,
  node: NodeDefinition,
  ranks: readonly number[],
  where: string,
): void {
  if (!node.operator.includes('.')) {
    builder.push(node);
    return;
  }
  const standardForm = standardForms[node.operator];
  if (
    standardForm === undefined ||
    Object.keys(node.attributes).some((name) => !known[node.operator]!.includes(name))
  ) {
    throw new ExportError(`There is no standard form of ${where}.`, {
      expected: `operators of the ONNX standard, or any of ${Object.keys(standardForms).join(', ')}`,
      received: `${node.operator} ${JSON.stringify(node.attributes)}`,
      hint: 'Compute the same with plain TensorFlow.js operations.',
    });
  }
  standardForm(builder, node, ranks);
}

/** The last two axes exchanged. */
function turned(builder: GraphBuilder, x: string, rank: number): string {
  const perm = Array.from({ length: rank }, (_, axis) => axis);
  return builder.add('Transpose', [x], { perm: [...perm.slice(0, -2), rank - 1, rank - 2] });
}
