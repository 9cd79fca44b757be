import { describeBackend } from './describe-backend';
import { registerCopyOfCpu } from './kit-tests/copy-of-cpu';

describeBackend('second-cpu', () => registerCopyOfCpu('second-cpu'));
