export { classify } from './classify';
export { DualTower, type DualTowerParts, type Projection } from './dual-tower';
export { embed, type PretrainedDualTower, type Processors, type RawValues } from './embed';
export { type Pairing, pairLoss, pairProbabilities } from './pairing';
