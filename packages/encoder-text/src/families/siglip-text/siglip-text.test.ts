import { describeTextFamily } from '../describe-text-family';

describeTextFamily('siglip-text');
