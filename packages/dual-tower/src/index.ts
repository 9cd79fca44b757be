export { DualTower, type DualTowerParts, type Projection } from './dual-tower';
export { type Pairing, pairLoss, pairProbabilities } from './pairing';
