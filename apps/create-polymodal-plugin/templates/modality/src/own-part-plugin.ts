import { defineModality, definePlugin } from '@polymodal/core';
import { ownPartEncoder } from './own-part-encoder.js';

/** The modality `own-part` and an encoder of the same name. */
export const ownPartPlugin = definePlugin({
  name: 'polymodal-own-part',
  specificationVersion: 'v1',
  module: import.meta.url,
  modalities: [
    defineModality({ id: 'own-part', description: 'an array of readings, each an array of finite numbers' }),
  ],
  encoders: [ownPartEncoder],
});
