export { lora } from './lora';
export { LoraAdapter, type LoraConfig } from './lora-adapter';
export { adapters as default, adapters } from './plugin';
