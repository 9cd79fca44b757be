import { isValue, type Node, sameShape, type Value } from './trace';

/** Operators whose output is the memory of their input. */
const views: ReadonlySet<string> = new Set(['Reshape', 'Identity']);
/** Operators that read an element of an input of their output's shape only to write the same element. */
const elementwise: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div']);

/**
 * For each output an input in whose memory it may be written, as its position among the inputs, or −1. That is safe if
 * no node reads the input after the one that writes the output: the state of an optimiser, say, is updated in place.
 */
export function overwritableInputs(
  nodes: readonly Node[],
  inputs: readonly Value[],
  outputs: readonly Value[],
): readonly number[] {
  const readers = readersOf(nodes);
  const taken = new Set<number>();
  return outputs.map((output) => {
    if (output.node === null || views.has(output.node.operator)) return -1;
    let before: ReadonlySet<Node> | null = null;
    const found = inputs.findIndex((input, position) => {
      const readingNodes = readers.get(input);
      if (readingNodes === undefined || taken.has(position) || input.type !== output.type) return false;
      if (!sameShape(input.shape, output.shape)) return false;
      if (readingNodes.has(output.node!) && !elementwise.has(output.node!.operator)) return false;
      before ??= ancestorsOf(output.node!);
      return [...readingNodes].every((node) => node === output.node || before!.has(node));
    });
    if (found >= 0) taken.add(found);
    return found;
  });
}

/** The nodes that read each input, also through views of it. */
function readersOf(nodes: readonly Node[]): ReadonlyMap<Value, Set<Node>> {
  const readers = new Map<Value, Set<Node>>();
  const owner = new Map<Value, Value>();
  for (const node of nodes) {
    for (const operand of node.inputs) {
      if (!isValue(operand)) continue;
      const read = owner.get(operand) ?? operand;
      if (read.node !== null) continue;
      const nodesSoFar = readers.get(read);
      if (nodesSoFar === undefined) readers.set(read, new Set([node]));
      else nodesSoFar.add(node);
      if (views.has(node.operator)) for (const output of node.outputs) owner.set(output, read);
    }
  }
  return readers;
}

/** All nodes that have to run before this one. */
function ancestorsOf(node: Node): ReadonlySet<Node> {
  const found = new Set<Node>();
  const open = [node];
  for (let current = open.pop(); current !== undefined; current = open.pop()) {
    for (const operand of current.inputs) {
      if (!isValue(operand) || operand.node === null || found.has(operand.node)) continue;
      found.add(operand.node);
      open.push(operand.node);
    }
  }
  return found;
}
