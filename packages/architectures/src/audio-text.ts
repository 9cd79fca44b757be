import { clap } from './clap';

export { audioTextRegistry } from './audio-text-registry';
export { clap };

/** Every family of two towers of sound and texts. */
export const audioTextFamilies = [clap] as const;
