import { definePlugin } from '@polymodal/core';
import { bottleneck } from './bottleneck';
import { ia3 } from './ia3';
import { lora } from './lora';

/** The adapters `lora`, `ia3` and `bottleneck`. */
export const adapters = definePlugin({
  name: '@polymodal/adapters',
  specificationVersion: 'v1',
  module: import.meta.url,
  adapters: [lora, ia3, bottleneck],
});
