export { decodeSafetensors, type SafetensorsContent } from './decode';
export { isSafetensorsDtype, type SafetensorsDtype, safetensorsByteLength } from './dtype';
export { encodeSafetensors } from './encode';
export { encodeSafetensorsHeader, type TensorToWrite } from './encode-header';
export {
  headerPrefixLength,
  parseSafetensorsHeader,
  type SafetensorsEntry,
  type SafetensorsHeader,
  safetensorsHeaderLength,
} from './header';
export type { NamedTensor } from './named-tensor';
export { parseStrictJson, type StrictJson, type StrictJsonOptions } from './strict-json';
