import { describeEncoder } from './describe-encoder';
import { randomSignal } from './doubles/random-signal';
import { referenceEncoder } from './doubles/reference-encoder';

describeEncoder(referenceEncoder('reference', 'signal'), {
  sample: randomSignal,
  config: { numHiddenLayers: 2 },
  invalid: [new Float32Array(0), new Float32Array(4), 'signal.bin'],
});
