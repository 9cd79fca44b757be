import { type ElementType, rawBytes } from './element-type';
import { ProtobufWriter } from './protobuf-writer';

/** Value of a node's attribute: an integer, a list of integers, a string, or a float (marked, since 1 and 1.0 look alike). */
type AttributeValue = number | readonly number[] | string | { readonly float: number };

/** Attributes of an ONNX node by name. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** One node of an ONNX graph; an empty input or output name leaves an optional one out. */
interface NodeDefinition {
  /** Operator, with its domain in front unless it is of the standard set: `Add`, `com.microsoft.FusedMatMul`. */
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/** Name, type and shape of a graph's input or output. */
interface ValueDefinition {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** A constant of the graph (an ONNX initializer). */
export interface ConstantDefinition extends ValueDefinition {
  readonly values: readonly number[];
}

/** An ONNX graph with static shapes; nodes are in topological order. */
export interface GraphDefinition {
  readonly nodes: readonly NodeDefinition[];
  readonly inputs: readonly ValueDefinition[];
  readonly outputs: readonly ValueDefinition[];
  readonly constants: readonly ConstantDefinition[];
}

/** Version of the standard operator set that the kernels are written for. */
const operatorSet = 21;

/** Domain of ONNX Runtime's own operators. */
const microsoftDomain = 'com.microsoft';

const irVersion = 10;
const attributeType = { float: 1, integer: 2, string: 3, integers: 7 } as const;

/** Serialises a graph as an ONNX `ModelProto` (field numbers of onnx.proto, IR version 10). */
export function writeModel(graph: GraphDefinition): Uint8Array {
  const writer = new ProtobufWriter();
  writer.integer(1, irVersion);
  writer.message(7, () => {
    for (const node of graph.nodes) writer.message(1, () => writeNode(writer, node));
    writer.string(2, 'graph');
    for (const constant of graph.constants) writer.message(5, () => writeConstant(writer, constant));
    for (const input of graph.inputs) writer.message(11, () => writeValue(writer, input));
    for (const output of graph.outputs) writer.message(12, () => writeValue(writer, output));
  });
  writeOperatorSet(writer, '', operatorSet);
  writeOperatorSet(writer, microsoftDomain, 1);
  return writer.finish();
}

function writeNode(writer: ProtobufWriter, node: NodeDefinition): void {
  for (const input of node.inputs) writer.string(1, input);
  for (const output of node.outputs) writer.string(2, output);
  const dot = node.operator.lastIndexOf('.');
  writer.string(4, node.operator.slice(dot + 1));
  for (const [name, value] of Object.entries(node.attributes)) {
    writer.message(5, () => writeAttribute(writer, name, value));
  }
  if (dot > 0) writer.string(7, node.operator.slice(0, dot));
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
  } else {
    for (const item of value) writer.integer(8, item);
    writer.integer(20, attributeType.integers);
  }
}

function writeConstant(writer: ProtobufWriter, constant: ConstantDefinition): void {
  for (const size of constant.shape) writer.integer(1, size);
  writer.integer(2, constant.type);
  writer.string(8, constant.name);
  writer.data(9, rawBytes(constant.values, constant.type));
}

function writeValue(writer: ProtobufWriter, value: ValueDefinition): void {
  writer.string(1, value.name);
  writer.message(2, () => {
    writer.message(1, () => {
      writer.integer(1, value.type);
      writer.message(2, () => {
        for (const size of value.shape) writer.message(1, () => writer.integer(1, size));
      });
    });
  });
}

function writeOperatorSet(writer: ProtobufWriter, domain: string, version: number): void {
  writer.message(8, () => {
    writer.string(1, domain);
    writer.integer(2, version);
  });
}
