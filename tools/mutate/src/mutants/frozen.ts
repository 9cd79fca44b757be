import { mutantsOf } from '../mutant';

const apart = ['packages/nn/src/run-apart'];
const towers = ['packages/adapters/src/frozen-towers'];
const starts = ['packages/trainer/src/train-frozen-cache'];

/** Faults of what is computed apart from steps: layers as programs of their own, frozen towers, and what frozen layers begin with. */
export const frozenFaults = [
  ...mutantsOf('packages/core/src/recomputation/run-apart.ts', apart, {
    'layers apart: what was saved for gradients stays': [
      '      tf.dispose(saved);\n      separate();',
      '      separate();',
    ],
    'layers apart: a gradient that comes twice counts once': [
      'before ? tf.add(before, gradient) : gradient',
      'gradient',
    ],
    'layers apart: small ones too': [' || !isOwnProgram(x.size, x.shape.at(-1) ?? 1)', ''],
    'layers apart: gradients share a program with those behind': [
      '      separate();\n      const gradients',
      '      const gradients',
    ],
    'layers apart: what goes into a layer is no input of it': [
      'if (!made.has(input.id)) inputs.set',
      'if (made.has(input.id)) inputs.set',
    ],
  }),
  ...mutantsOf('packages/trainer/src/towers/frozen-towers.ts', towers, {
    'frozen towers: one that learns is taken for frozen': ['.every((own) => !learning.has(own))', '.every(() => true)'],
    'frozen towers: one that a fusion works in between is encoded beforehand': [
      'fusion.encodesWhole(slot) && !hidden',
      '!hidden',
    ],
    'frozen towers: tokens that a head reads are not made': [
      "!fusion.readsTokens && Object.values(heads).every(({ reads }) => !reads.includes('encoded'))",
      '!fusion.readsTokens',
    ],
    'frozen towers: values are put into the rows of others': ['found[index] = made[i];', 'found[index] = made[0]!;'],
  }),
  ...mutantsOf('packages/trainer/src/towers/tower-identity.ts', towers, {
    'frozen towers: other weights are taken for the same': [
      '.update(new Uint8Array(buffer, byteOffset, byteLength))',
      '',
    ],
  }),
  ...mutantsOf('packages/trainer/src/run/kept-starts.ts', starts, {
    'kept starts: layers that learn begin as they were': ['return learns ? undefined : ', 'return '],
    'kept starts: all rows begin as the first': ['all.set(row[name].data,', 'all.set(rows[0]![name].data,'],
    'kept starts: more is kept than was asked for': ['if (this.#budget.take(bytes)) {', 'if (bytes >= 0) {'],
  }),
  ...mutantsOf('packages/trainer/src/data/value-key.ts', starts, {
    'kept starts: values of one shape are taken for one': [
      'hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));',
      '',
    ],
  }),
];
