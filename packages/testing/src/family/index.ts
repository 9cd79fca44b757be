export { describeFamily } from './describe-family';
export { type FamilyFixture, familyFixtures } from './family-fixture';
