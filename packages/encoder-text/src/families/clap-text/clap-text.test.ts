import { describeTextFamily } from '../describe-text-family';

describeTextFamily('clap-text');
