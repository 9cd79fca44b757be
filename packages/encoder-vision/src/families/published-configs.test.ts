import { describePublishedModels } from '@polymodal/testing/family';
import { visionFamilies } from '.';

describePublishedModels(visionFamilies, new URL('../../fixtures/published-configs.json', import.meta.url));
