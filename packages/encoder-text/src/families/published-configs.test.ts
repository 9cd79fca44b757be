import { describePublishedModels } from '@polymodal/testing/family';
import { textFamilies } from '.';

describePublishedModels(textFamilies, new URL('../../fixtures/published-configs.json', import.meta.url));
