import { describePublishedModels } from '@polymodal/testing/family';
import { audioFamilies } from '.';

describePublishedModels(audioFamilies, new URL('../../fixtures/published-configs.json', import.meta.url));
