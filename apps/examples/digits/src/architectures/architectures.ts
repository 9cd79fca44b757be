import type { Architecture } from './architecture';
import { hybrid, singleTower } from './decoders';
import { dualTower } from './dual-tower';
import { modular } from './modular';

/** The four architectures that are compared, by their names in tables. */
export const architectures: Readonly<Record<string, Architecture>> = {
  'single tower': singleTower,
  'dual tower': dualTower,
  hybrid,
  modular,
};
