import type { NodeDefinition } from '../onnx/model-writer';
import type { GraphBuilder } from './graph-builder';

/**
 * Adds x · Wᵀ as ONNX Runtime does it without exchanging the axes of W in advance: as a product with W where W itself is
 * the transpose of a matrix that is there, else as its own operator, which lays out the weight in its final form at once.
 *
 * @returns whether the node is such a product; if not, nothing is added
 */
export function addProductWithWeight(builder: GraphBuilder, node: NodeDefinition): boolean {
  const [x, weight] = node.inputs as [string, string];
  const { transA = 0, transB = 0, alpha } = node.attributes;
  if (node.operator !== 'com.microsoft.FusedMatMul' || transA !== 0 || transB !== 1 || alpha !== undefined)
    return false;
  const matrix = builder.transposeOf(weight);
  if (matrix !== undefined) builder.push({ ...node, operator: 'MatMul', inputs: [x, matrix], attributes: {} });
  else if (builder.isWeight(weight)) builder.push(node);
  else return false;
  return true;
}
