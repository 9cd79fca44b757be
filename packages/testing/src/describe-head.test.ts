import { describeHead } from './describe-head';
import { referenceHead } from './doubles/reference-head';

describeHead(referenceHead, { targets: (key) => ({ subject: key.normal(1)[0] }) });
