export { describeEncoder } from './describe-encoder';
export { describeProcessor } from './describe-processor';
