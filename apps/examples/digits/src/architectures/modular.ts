import { addModality } from '@polymodal/core';
import { answersOf } from '../answers';
import { digitsModel } from '../digits-model';
import { encoders } from '../encoders';
import { registry } from '../registry';
import { toSample } from '../samples';
import type { Architecture } from './architecture';

/** Any encoders under a fusion that goes by what is there: the model of the example. */
export const modular: Architecture = {
  model: (slots, seed) => digitsModel('masked-transformer', seed, slots),
  toSample,
  answersOf,
  modalityDropout: 0.05,
  withoutWord: 0,
  widen: (model, slot) => addModality(registry, model, slot, encoders[slot]),
};
