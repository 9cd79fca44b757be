import { describeTextFamily } from '../../testing/describe-text-family';

describeTextFamily('qwen2');
