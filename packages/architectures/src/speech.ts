import { whisperWhole } from './whisper';

export { speechRegistry } from './speech-registry';
export { whisperWhole };

/** Every family of models that write what is said. */
export const speechFamilies = [whisperWhole] as const;
