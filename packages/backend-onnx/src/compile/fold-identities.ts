import { dtypeOf, type HostArray, newArray } from '../data-type';
import { elementCount } from '../element-count';
import type { UnifiedGraph, ValueType } from '../export/unify-graphs';
import { ElementType } from '../onnx/element-type';
import type { GraphDefinition, NodeDefinition } from '../onnx/model-writer';
import type { NativeTensor, Session } from '../session';

/** Compiles a graph that is run once. */
type CompileOnce = (graph: GraphDefinition) => Session;

/** What follows from longer constants is not computed in advance: weights, above all. */
const mostGiven = 1 << 16;
/** Nor are longer values, as masks of samples may be, on the way to short ones. */
const mostComputed = 1 << 22;

/**
 * Leaves out additions of 0 and products with 1, as masks bring them of which everything takes part. What follows from short
 * constants is computed for that; ONNX Runtime computes it too, but keeps the additions.
 */
export function foldIdentities({ types, ...graph }: UnifiedGraph, compileOnce: CompileOnce): GraphDefinition {
  const known = knownValues(graph, types);
  const wanted = new Set(
    graph.nodes.flatMap((node) => (known.has(node.outputs[0]!) ? [] : neutralCandidates(node, known))),
  );
  if (wanted.size === 0) return graph;
  const values = evaluate(graph, [...wanted], known, types, compileOnce);
  return withoutIdentities(graph, types, values);
}

/** Names of short constants, and of what follows from them alone. */
function knownValues({ nodes, constants }: GraphDefinition, types: ReadonlyMap<string, ValueType>): Set<string> {
  const short = constants.filter(({ shape, external }) => external === undefined && elementCount(shape) <= mostGiven);
  const known = new Set(short.map(({ name }) => name));
  for (const { operator, inputs, outputs } of nodes) {
    const follows = inputs.every((input) => input === '' || known.has(input)) && !operator.startsWith('Random');
    const isShort = outputs.every(
      (output) => types.has(output) && elementCount(types.get(output)!.shape) <= mostComputed,
    );
    if (follows && isShort) for (const output of outputs) known.add(output);
  }
  return known;
}

/** The operands of a sum or a product that may leave the other one as it is. */
function neutralCandidates({ operator, inputs }: NodeDefinition, known: ReadonlySet<string>): string[] {
  return operator in neutral ? inputs.filter((input) => known.has(input)) : [];
}

const neutral: Readonly<Record<string, number>> = { Add: 0, Mul: 1 };

function evaluate(
  { nodes, constants }: GraphDefinition,
  wanted: readonly string[],
  known: ReadonlySet<string>,
  types: ReadonlyMap<string, ValueType>,
  compileOnce: CompileOnce,
): Map<string, HostArray | readonly number[]> {
  const given = new Map(constants.map((constant) => [constant.name, constant]));
  const values = new Map<string, HostArray | readonly number[]>();
  for (const name of wanted) if (given.has(name)) values.set(name, given.get(name)!.values);
  const isShort = ({ type, shape }: ValueType) => type === ElementType.float32 && elementCount(shape) <= mostGiven;
  const outputs = wanted.filter((name) => !given.has(name) && isShort(types.get(name)!));
  if (outputs.length === 0) return values;
  const part = prune({
    nodes: nodes.filter((node) => node.outputs.every((output) => known.has(output))),
    constants,
    inputs: [],
    outputs: outputs.map((name) => ({ name, ...types.get(name)! })),
  });
  const session = compileOnce(part);
  const fetches: Record<string, NativeTensor> = {};
  for (const name of outputs) {
    const { type, shape } = types.get(name)!;
    const dtype = dtypeOf(type);
    fetches[name] = { type: dtype, dims: shape, data: newArray(dtype, elementCount(shape)), location: 'cpu' };
  }
  session.run({}, fetches);
  session.dispose();
  for (const name of outputs) values.set(name, fetches[name]!.data!);
  return values;
}

function withoutIdentities(
  graph: GraphDefinition,
  types: ReadonlyMap<string, ValueType>,
  values: ReadonlyMap<string, HostArray | readonly number[]>,
): GraphDefinition {
  const shapes = new Map([...graph.inputs, ...graph.constants].map(({ name, shape }) => [name, shape]));
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const same = new Map<string, string>();
  const isNeutral = (name: string, value: number) => values.get(name)?.every((one: number) => one === value) ?? false;
  const shapeOf = (name: string) => types.get(name)?.shape ?? shapes.get(name);
  /** Nothing is known of shapes that vary: the constant may be what makes the result as large as it is. */
  const haveOneShape = (a: string, b: string) => shapeOf(a) !== undefined && String(shapeOf(a)) === String(shapeOf(b));
  const nodes = graph.nodes.flatMap((node): NodeDefinition[] => {
    const inputs = node.inputs.map((input) => same.get(input) ?? input);
    const [output] = node.outputs as [string];
    const element = neutral[node.operator];
    const kept =
      element === undefined || outputs.has(output)
        ? undefined
        : inputs.find((input, i) => isNeutral(node.inputs[1 - i]!, element) && haveOneShape(input, output));
    if (kept === undefined) return [{ ...node, inputs }];
    same.set(output, kept);
    return [];
  });
  return prune({ ...graph, nodes });
}

/** Without nodes and constants that no output depends on. */
function prune(graph: GraphDefinition): GraphDefinition {
  const needed = new Set(graph.outputs.map(({ name }) => name));
  const nodes: NodeDefinition[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    for (const input of node.inputs) needed.add(input);
    nodes.push(node);
  }
  const constants = graph.constants.filter(({ name }) => needed.has(name));
  return { ...graph, nodes: nodes.reverse(), constants };
}
