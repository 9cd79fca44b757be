import { describeTextFamily } from '../describe-text-family';

describeTextFamily('clip-text');
