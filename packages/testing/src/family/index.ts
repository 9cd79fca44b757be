export { describeDualTower } from './describe-dual-tower';
export { describeFamily } from './describe-family';
export type { DualTowerFixture } from './dual-tower-fixture';
export { type FamilyFixture, familyFixtures } from './family-fixture';
