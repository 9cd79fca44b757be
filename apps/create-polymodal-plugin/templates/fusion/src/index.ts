export { OwnPartFusion, ownPartFusion } from './own-part-fusion.js';
export { ownPartPlugin, ownPartPlugin as default } from './own-part-plugin.js';
