import { definePlugin } from '@polymodal/core';
import { lora } from './lora';

/** The adapters `lora`. */
export const adapters = definePlugin({
  name: '@polymodal/adapters',
  specificationVersion: 'v1',
  module: import.meta.url,
  adapters: [lora],
});
