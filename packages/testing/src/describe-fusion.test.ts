import { describeFusion } from './describe-fusion';
import { referenceFusion } from './doubles/reference-fusion';

describeFusion(referenceFusion);
