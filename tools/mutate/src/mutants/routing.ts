import { mutantsOf } from '../mutant';

const routing = ['packages/core/src/routing', 'packages/core/src/head-tree.test'];
const conflicts = ['packages/trainer/src/weighing'];

/** Faults of who answers which samples, and of gradients that point away from one another. */
export const routingFaults = [
  ...mutantsOf('packages/core/src/requirements.ts', routing, {
    'routing: what is excluded is not looked at': [
      'return all && any && none && present',
      'return all && any && present',
    ],
  }),
  ...mutantsOf('packages/core/src/head-tree.ts', routing, {
    'routing: the config takes the place of what a head requires by itself': [
      'return ofConfig ? [this.heads[name].requires, ofConfig] :',
      'return ofConfig ? [ofConfig] :',
    ],
  }),
  ...mutantsOf('packages/core/src/routing/needed-slots.ts', routing, {
    'routing: what the fusion requires is not encoded': [
      'return [...all, ...read.flatMap((slots) => slots ?? [])];',
      'return [...read.flatMap((slots) => slots ?? [])];',
    ],
    'routing: a head that reads all gets what others read': ['|| read.includes(undefined) ||', '||'],
  }),
  ...mutantsOf('packages/core/src/check-fit.ts', routing, {
    'routing: a head that no sample reaches is composed': [
      'if (widest.length > 0 && required.every((one) => fulfils(one, widest))) return;',
      'if (widest.length > 0) return;',
    ],
  }),
  ...mutantsOf('packages/trainer/src/weighing/gradient-conflicts.ts', conflicts, {
    'conflicts: gradients that agree are projected too': [
      'tf.divNoNan(tf.minimum(dots, 0), lengths)',
      'tf.divNoNan(dots, lengths)',
    ],
    'conflicts: each is projected once alone': ['place < count - 1; place++', 'place < 1; place++'],
    'conflicts: what heads do not share is projected too': [
      'shared.has(path) ? tf.mul(one, shares[head]) : one',
      'tf.mul(one, shares[head])',
    ],
  }),
];
