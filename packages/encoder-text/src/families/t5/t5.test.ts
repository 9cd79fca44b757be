import { describeTextFamily } from '../../testing/describe-text-family';

describeTextFamily('t5');
