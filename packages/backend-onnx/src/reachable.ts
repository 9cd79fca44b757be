import { isValue, type Node, type Trace, type Value } from './trace';

/** Nodes that the outputs depend on, in order, and every value that these nodes and outputs use. */
export function reachable(trace: Trace, outputs: readonly Value[]): { nodes: Node[]; used: Set<Value> } {
  const used = new Set(outputs);
  const nodes: Node[] = [];
  for (let i = trace.nodes.length - 1; i >= 0; i--) {
    const node = trace.nodes[i]!;
    if (!node.outputs.some((output) => used.has(output))) continue;
    nodes.push(node);
    for (const input of node.inputs) if (isValue(input)) used.add(input);
  }
  return { nodes: nodes.reverse(), used };
}
