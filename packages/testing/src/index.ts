export { describeEncoder } from './describe-encoder';
export { describeFusion } from './describe-fusion';
export { describeHead } from './describe-head';
export { describeProcessor } from './describe-processor';
