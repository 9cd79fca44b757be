import { describeTextFamily } from '../../testing/describe-text-family';

describeTextFamily('clip-text');
