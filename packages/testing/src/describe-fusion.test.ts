import { describeFusion } from './describe-fusion';
import { earlyFusion } from './doubles/early-fusion';
import { referenceFusion } from './doubles/reference-fusion';
import { spliceFusion } from './doubles/splice-fusion';

describeFusion(referenceFusion);
describeFusion(earlyFusion);
describeFusion(spliceFusion, { config: { into: 'text' } });
