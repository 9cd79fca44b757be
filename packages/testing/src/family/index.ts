export { describeDualTower } from './describe-dual-tower';
export { describeFamily } from './describe-family';
export { describePublishedModels, type PublishedModel } from './describe-published-models';
export type { DualTowerFixture } from './dual-tower-fixture';
export { expectDropout } from './expect-dropout';
export { expectGradients } from './expect-gradients';
export { type FamilyFixture, familyFixtures } from './family-fixture';
