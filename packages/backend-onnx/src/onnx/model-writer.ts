import type { HostArray } from '../data-type';
import type { ElementType } from './element-type';
import { ProtobufWriter } from './protobuf-writer';
import { rawBytes } from './raw-bytes';

/** A graph within a node, of an operator that runs it again and again; what its inputs and outputs are shaped like is left to be inferred. */
export interface Subgraph extends Omit<GraphDefinition, 'inputs' | 'outputs'> {
  /** Different for every graph: a trace knows it by that. */
  readonly name: string;
  readonly inputs: readonly Omit<ValueDefinition, 'shape'>[];
  readonly outputs: readonly Omit<ValueDefinition, 'shape'>[];
}

/** Value of a node's attribute: an integer, a list of integers, a string, a float (marked, since 1 and 1.0 look alike), or a graph. */
type AttributeValue =
  | number
  | readonly number[]
  | string
  | { readonly float: number }
  | { readonly subgraph: Subgraph };

/** Attributes of an ONNX node by name. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** One node of an ONNX graph; an empty input or output name leaves an optional one out. */
export interface NodeDefinition {
  /** Operator, with its domain in front unless it is of the standard set: `Add`, `com.microsoft.FusedMatMul`. */
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/** Name, type and shape of a graph's input or output; a size that may vary has a name. */
export interface ValueDefinition {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
}

/** A constant of the graph (an ONNX initializer). */
export interface ConstantDefinition {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** A typed array is one of the element type; empty where they are in a file. */
  readonly values: readonly number[] | HostArray;
  /** Where the values are, if not in the model itself. */
  readonly external?: ExternalData;
}

/** Place of a constant's values in a file beside the model, in bytes. */
interface ExternalData {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

/** An ONNX graph; nodes are in topological order. */
export interface GraphDefinition {
  readonly nodes: readonly NodeDefinition[];
  readonly inputs: readonly ValueDefinition[];
  readonly outputs: readonly ValueDefinition[];
  readonly constants: readonly ConstantDefinition[];
}

/** Version of the standard operator set that the kernels are written for. */
export const operatorSet = 21;

/** Version of the file format. */
export const irVersion = 10;
/** `TensorProto.DataLocation.EXTERNAL`. */
const externalLocation = 1;
const attributeType = { float: 1, integer: 2, string: 3, subgraph: 5, integers: 7 } as const;

/** Who made a model. */
export interface Producer {
  readonly name: string;
  readonly version: string;
}

/** Bytes that a constant's name, type and shape, or a node take at most, roughly: only to reserve memory. */
const overheadBytes = 256;

/** Serialises a graph as an ONNX `ModelProto` (field numbers of onnx.proto, IR version 10). */
export function writeModel(graph: GraphDefinition, producer?: Producer): Uint8Array {
  const writer = new ProtobufWriter(
    graph.constants.reduce((bytes, constant) => bytes + byteLength(constant), overheadBytes * graph.nodes.length),
  );
  writer.integer(1, irVersion);
  if (producer !== undefined) {
    writer.string(2, producer.name);
    writer.string(3, producer.version);
  }
  writer.message(7, () => writeGraph(writer, graph, 'graph'));
  writeOperatorSet(writer, '', operatorSet);
  for (const domain of new Set(graph.nodes.map(({ operator }) => domainOf(operator)))) {
    if (domain !== '') writeOperatorSet(writer, domain, 1);
  }
  return writer.finish();
}

function writeGraph(writer: ProtobufWriter, graph: GraphDefinition | Subgraph, name: string): void {
  for (const node of graph.nodes) writer.message(1, () => writeNode(writer, node));
  writer.string(2, name);
  for (const constant of graph.constants) writer.message(5, () => writeConstant(writer, constant));
  for (const input of graph.inputs) writer.message(11, () => writeValue(writer, input));
  for (const output of graph.outputs) writer.message(12, () => writeValue(writer, output));
}

function writeNode(writer: ProtobufWriter, node: NodeDefinition): void {
  for (const input of node.inputs) writer.string(1, input);
  for (const output of node.outputs) writer.string(2, output);
  const domain = domainOf(node.operator);
  writer.string(4, node.operator.slice(domain === '' ? 0 : domain.length + 1));
  for (const [name, value] of Object.entries(node.attributes)) {
    writer.message(5, () => writeAttribute(writer, name, value));
  }
  if (domain !== '') writer.string(7, domain);
}

/** What stands before an operator's name; nothing before those of the standard. */
function domainOf(operator: string): string {
  return operator.slice(0, Math.max(0, operator.lastIndexOf('.')));
}

function writeAttribute(writer: ProtobufWriter, name: string, value: AttributeValue): void {
  writer.string(1, name);
  if (typeof value === 'number') {
    writer.integer(3, value);
    writer.integer(20, attributeType.integer);
  } else if (typeof value === 'string') {
    writer.string(4, value);
    writer.integer(20, attributeType.string);
  } else if ('float' in value) {
    writer.float(2, value.float);
    writer.integer(20, attributeType.float);
  } else if ('subgraph' in value) {
    writer.message(6, () => writeGraph(writer, value.subgraph, value.subgraph.name));
    writer.integer(20, attributeType.subgraph);
  } else {
    for (const item of value) writer.integer(8, item);
    writer.integer(20, attributeType.integers);
  }
}

function writeConstant(writer: ProtobufWriter, constant: ConstantDefinition): void {
  for (const size of constant.shape) writer.integer(1, size);
  writer.integer(2, constant.type);
  writer.string(8, constant.name);
  if (constant.external === undefined) writer.data(9, rawBytes(constant.values, constant.type));
  else writeExternalData(writer, constant.external);
}

function writeExternalData(writer: ProtobufWriter, { location, offset, length }: ExternalData): void {
  for (const [key, value] of Object.entries({ location, offset: String(offset), length: String(length) })) {
    writer.message(13, () => {
      writer.string(1, key);
      writer.string(2, value);
    });
  }
  writer.integer(14, externalLocation);
}

/** Bytes that a constant takes in a model. */
function byteLength({ values, external }: ConstantDefinition): number {
  if (external !== undefined) return overheadBytes;
  return overheadBytes + ('byteLength' in values ? values.byteLength : 8 * values.length);
}

function writeValue(writer: ProtobufWriter, value: Omit<ValueDefinition, 'shape'> | ValueDefinition): void {
  writer.string(1, value.name);
  writer.message(2, () => {
    writer.message(1, () => {
      writer.integer(1, value.type);
      if (!('shape' in value)) return;
      writer.message(2, () => {
        for (const size of value.shape) writer.message(1, () => writeSize(writer, size));
      });
    });
  });
}

function writeSize(writer: ProtobufWriter, size: number | string): void {
  if (typeof size === 'number') writer.integer(1, size);
  else writer.string(2, size);
}

function writeOperatorSet(writer: ProtobufWriter, domain: string, version: number): void {
  writer.message(8, () => {
    writer.string(1, domain);
    writer.integer(2, version);
  });
}
