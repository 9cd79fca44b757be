import { ElementType } from './onnx/element-type';
import type { GraphDefinition } from './onnx/model-writer';
import type { NativeTensor, OnnxRuntime } from './session';

/** Of processors with AVX-512, and with AVX. */
const knownBlocks = [16, 8];

const channels = 16;
/** Width of the picture that is convolved, of one row, and of the filter. */
const [length, taps] = [4, 2];

/**
 * How many channels ONNX Runtime's convolution over blocks of them takes together on this processor; 1 where there is none. It says so
 * nowhere: what is right is found by convolving whole numbers.
 */
export function findChannelBlock(runtime: Pick<OnnxRuntime, 'writesInPlace' | 'createSession'>): number {
  const positions = length - taps + 1;
  const x = Float32Array.from({ length: length * channels }, (_, i) => ((5 * i) % 7) - 3);
  const weightOf = (output: number, input: number, tap: number) => ((3 * output + 5 * input + tap) % 11) - 5;
  const expected = Float32Array.from({ length: positions * channels }, (_, i) => {
    const [position, output] = [Math.floor(i / channels), i % channels];
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      for (let input = 0; input < channels; input++)
        sum += weightOf(output, input, tap) * x[(position + tap) * channels + input]!;
    }
    return sum;
  });
  try {
    const session = runtime.createSession(graph(positions), { singleThread: true });
    const found = knownBlocks.find((block) => {
      const y = tensor([1, 1, positions, channels], runtime.writesInPlace ? new Float32Array(expected.length) : null);
      const weights = tensor([channels, channels, 1, taps], inBlocks(weightOf, block));
      session.run({ x: tensor([1, 1, length, channels], x), weights }, { y });
      return expected.every((value, i) => value === y.data![i]);
    });
    session.dispose();
    return found ?? 1;
  } catch {
    return 1;
  }
}

function graph(positions: number): GraphDefinition {
  const node = (operator: string, inputs: string[], output: string, attributes: Record<string, number>) => {
    return { operator: `com.microsoft.nchwc.${operator}`, inputs, outputs: [output], attributes };
  };
  const type = ElementType.float32;
  return {
    nodes: [
      node('ReorderInput', ['x'], 'blocks', { channels_last: 1 }),
      node('Conv', ['blocks', 'weights'], 'convolved', {}),
      node('ReorderOutput', ['convolved'], 'y', { channels, channels_last: 1 }),
    ],
    inputs: [
      { name: 'x', type, shape: [1, 1, length, channels] },
      { name: 'weights', type, shape: [channels, channels, 1, taps] },
    ],
    outputs: [{ name: 'y', type, shape: [1, 1, positions, channels] }],
    constants: [],
  };
}

/** (O / block, C / block, taps, block of C, block of O) */
function inBlocks(weightOf: (output: number, input: number, tap: number) => number, block: number): Float32Array {
  const values = new Float32Array(channels * channels * taps);
  let at = 0;
  for (let outputs = 0; outputs < channels; outputs += block)
    for (let inputs = 0; inputs < channels; inputs += block)
      for (let tap = 0; tap < taps; tap++)
        for (let input = inputs; input < inputs + block; input++)
          for (let output = outputs; output < outputs + block; output++) values[at++] = weightOf(output, input, tap);
  return values;
}

function tensor(dims: readonly number[], data: Float32Array | null): NativeTensor {
  return { type: 'float32', dims, data, location: 'cpu' };
}
