import { describe, expect, it } from 'vitest';
import { loadOnnxRuntime } from '../session';
import { ElementType } from './element-type';
import { type GraphDefinition, writeModel } from './model-writer';
import { ProtobufWriter } from './protobuf-writer';

/** What a writer wrote, in hexadecimal. */
function bytes(write: (writer: ProtobufWriter) => void): string {
  const writer = new ProtobufWriter();
  write(writer);
  return Buffer.from(writer.finish()).toString('hex');
}

describe('the protobuf writer', () => {
  // The examples of the encoding guide of Protocol Buffers.
  it('writes 150 in field 1 as 08 96 01', () => {
    expect(bytes((writer) => writer.integer(1, 150))).toBe('089601');
  });

  it('writes "testing" in field 2 with its length in front', () => {
    expect(bytes((writer) => writer.string(2, 'testing'))).toBe('120774657374696e67');
  });

  it('writes other letters in UTF-8', () => {
    expect(bytes((writer) => writer.string(2, 'ü名'))).toBe('1205c3bce5908d');
  });

  it('writes -2 as ten bytes', () => {
    expect(bytes((writer) => writer.integer(1, -2))).toBe('08feffffffffffffffff01');
  });

  it('writes integers beyond 32 bits, as number and as bigint', () => {
    expect(bytes((writer) => writer.integer(1, 2 ** 40))).toBe('08808080808020');
    expect(bytes((writer) => writer.integer(1, 2n ** 40n))).toBe('08808080808020');
  });

  it('writes a float in little-endian order', () => {
    expect(bytes((writer) => writer.float(1, 1))).toBe('0d0000803f');
  });

  it('writes a nested message with a length of five bytes that counts its content', () => {
    expect(bytes((writer) => writer.message(3, () => writer.integer(1, 150)))).toBe(`1a8380808000${'089601'}`);
  });

  it('grows beyond its first buffer', () => {
    const text = 'x'.repeat(100_000);
    expect(bytes((writer) => writer.string(1, text)).length).toBe(2 * (1 + 3 + 100_000));
  });
});

describe('a written model', () => {
  const runtime = loadOnnxRuntime();

  function run(graph: GraphDefinition, x: number[], shape: number[]): number[] {
    const session = runtime.createSession(graph, { singleThread: true });
    const dims = graph.outputs[0]!.shape as number[];
    const size = dims.reduce((product, length) => product * length, 1);
    const y = {
      type: 'float32' as const,
      dims,
      data: new Float32Array(size),
      location: 'cpu' as const,
    };
    session.run({ x: { type: 'float32', dims: shape, data: Float32Array.from(x), location: 'cpu' } }, { y });
    session.dispose();
    return [...y.data];
  }

  it('means to ONNX Runtime what was written: every kind of attribute, constants, a second domain', () => {
    const graph: GraphDefinition = {
      nodes: [
        { operator: 'Transpose', inputs: ['x'], outputs: ['t'], attributes: { perm: [1, 0] } },
        { operator: 'LeakyRelu', inputs: ['t'], outputs: ['l'], attributes: { alpha: { float: 0.5 } } },
        { operator: 'Pad', inputs: ['l', 'pads', ''], outputs: ['p'], attributes: { mode: 'reflect' } },
        { operator: 'Softmax', inputs: ['p'], outputs: ['s'], attributes: { axis: -1 } },
        { operator: 'Add', inputs: ['s', 'c'], outputs: ['a'], attributes: {} },
        {
          operator: 'com.microsoft.FusedMatMul',
          inputs: ['a', 'a'],
          outputs: ['y'],
          attributes: { transA: 0, transB: 1 },
        },
      ],
      inputs: [{ name: 'x', type: ElementType.float32, shape: [2, 2] }],
      outputs: [{ name: 'y', type: ElementType.float32, shape: [2, 2] }],
      constants: [
        { name: 'pads', type: ElementType.int64, shape: [4], values: [0, 1, 0, 0] },
        { name: 'c', type: ElementType.float32, shape: [], values: [-0.25] },
      ],
    };
    const leaky = [
      [-0.5, 2],
      [1, -1],
    ]; // x = [[-1, 1], [2, -2]] transposed, negative ones halved
    const rows = leaky.map(([a, b]) => {
      const exponentials = [b!, a!, b!].map(Math.exp); // reflected on the left
      const sum = exponentials.reduce((total, value) => total + value);
      return exponentials.map((value) => value / sum - 0.25);
    });
    const expected = rows.flatMap((row) =>
      rows.map((other) => row.reduce((sum, value, i) => sum + value * other[i]!, 0)),
    );
    run(graph, [-1, 1, 2, -2], [2, 2]).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
  });

  it('is small: the bytes of its names and numbers, and little more', () => {
    const graph: GraphDefinition = { nodes: [], inputs: [], outputs: [], constants: [] };
    expect(writeModel(graph).length).toBeLessThan(64);
  });
});
