import { describeTextFamily } from '../describe-text-family';

describeTextFamily('bert');
