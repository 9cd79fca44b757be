import { ElementType } from '../../onnx/element-type';
import type { NodeDefinition, Subgraph } from '../../onnx/model-writer';
import { floats, type NativeKernel, nativeKernel } from '../native-kernel';
import { filled } from '../operators';

/** A log-probability of what cannot be: far below all others, and finite, so that differences of two are numbers. */
const impossible = -1e30;

/**
 * `CtcAlphas`: emissions (T, R, S), log-probabilities of what each of S states emits at each of T steps, and skips (R, S), 0 where a state is
 * also reached from the one before the last, else −1e30 → alphas (T, R, S), the log-probability of all ways to each state at each step:
 *
 *     α[t, s] = log(exp α[t − 1, s] + exp α[t − 1, s − 1] + exp(α[t − 1, s − 2] + skip[s])) + emission[t, s]
 *
 * where ways begin in one of the first two states: the forward variables of Graves et al. 2006, eq. 6. One `Scan` over the steps, so that its
 * cost lies in the numbers, not in nodes.
 */
export const ctcKernels: readonly NativeKernel[] = [
  nativeKernel<object, 'emissions' | 'skips'>('CtcAlphas', floats, (trace, { emissions, skips }) => {
    const [steps, rows, states] = emissions.shape as [number, number, number];
    const before = [rows, states + 2]; // two columns in front of the states, the second of which the ways begin in
    const starts = trace.add(
      'Concat',
      [
        filled(trace, impossible, [rows, 1], ElementType.float32),
        filled(trace, 0, [rows, 1], ElementType.float32),
        filled(trace, impossible, [rows, states], ElementType.float32),
      ],
      before,
      ElementType.float32,
      { axis: 1 },
    );
    const outputs = [before, skips.shape, [steps, rows, states]].map((shape) => ({ shape, type: ElementType.float32 }));
    const attributes = { body: { subgraph: step }, num_scan_inputs: 1 };
    return trace.addMany('Scan', [starts, skips, emissions], outputs, attributes)[2]!;
  }),
];

const node = (operator: string, inputs: string, output: string, attributes = {}): NodeDefinition => {
  return { operator, inputs: inputs.split(' '), outputs: [output], attributes };
};

const int64 = (name: string, value: number) => ({ name, type: ElementType.int64, shape: [1], values: [value] });
const float = (name: string) => ({ name, type: ElementType.float32 });

/** One step: what goes on from step to step is `before` (R, 2 + S) and `skips`; `emission` and `alpha` are (R, S). */
const step: Subgraph = {
  name: 'CtcAlphas.step',
  inputs: [float('before'), float('skips'), float('emission')],
  outputs: [float('next'), float('sameSkips'), float('alpha')],
  constants: [
    int64('zero', 0),
    int64('one', 1),
    int64('two', 2),
    int64('last', -1),
    int64('lastButOne', -2),
    int64('end', 2 ** 40),
    int64('axis', 1),
    { name: 'impossible', type: ElementType.float32, shape: [1], values: [impossible] },
  ],
  nodes: [
    node('Slice', 'before two end axis', 'stayed'),
    node('Slice', 'before one last axis', 'advanced'),
    node('Slice', 'before zero lastButOne axis', 'ofLastButOne'),
    node('Add', 'ofLastButOne skips', 'skipped'),
    node('Max', 'stayed advanced skipped', 'largest'),
    ...['stayed', 'advanced', 'skipped'].flatMap((way) => [
      node('Sub', `${way} largest`, `${way}Below`),
      node('Exp', `${way}Below`, `${way}Share`),
    ]),
    node('Sum', 'stayedShare advancedShare skippedShare', 'sum'),
    node('Log', 'sum', 'above'),
    node('Add', 'largest emission', 'largestWay'),
    node('Add', 'above largestWay', 'reached'),
    node('Slice', 'before zero two axis', 'front'),
    node('Min', 'front impossible', 'nothing'), // nothing begins later
    node('Concat', 'nothing reached', 'next', { axis: 1 }),
    node('Identity', 'skips', 'sameSkips'),
    node('Identity', 'reached', 'alpha'),
  ],
};
