import { clap } from './clap';

export { ClapTower } from './clap/clap-tower';
export { clap };

/** Every family of dual towers of sound and texts. */
export const audioTextFamilies = [clap] as const;
