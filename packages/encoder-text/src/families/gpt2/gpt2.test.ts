import { describeTextFamily } from '../describe-text-family';

describeTextFamily('gpt2');
