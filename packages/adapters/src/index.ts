export { bottleneck } from './bottleneck';
export { ia3 } from './ia3';
export { lora } from './lora';
export { adapters as default, adapters } from './plugin';
