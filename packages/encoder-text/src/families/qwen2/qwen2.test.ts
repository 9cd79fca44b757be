import { describeTextFamily } from '../describe-text-family';

describeTextFamily('qwen2');
