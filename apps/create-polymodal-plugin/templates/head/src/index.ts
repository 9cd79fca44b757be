export { OwnPartHead, ownPartHead } from './own-part-head.js';
export { ownPartPlugin, ownPartPlugin as default } from './own-part-plugin.js';
export { type OwnPartFeatures, type OwnPartRow, OwnPartTarget, ownPartTarget } from './own-part-target.js';
