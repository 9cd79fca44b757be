import type { Mutant } from '../mutant';
import { adapterFaults } from './adapters';
import { attentionFaults } from './attention';
import { boxFaults } from './boxes';
import { commandFaults } from './command';
import { contractFaults } from './contracts';
import { ctcFaults } from './ctc';
import { dataFaults } from './data';
import { documentFaults } from './documents';
import { encoderFaults } from './encoders';
import { flamingoFaults } from './flamingo';
import { frozenFaults } from './frozen';
import { fusionFaults } from './fusion';
import { fusionBenchFaults } from './fusion-bench';
import { generationFaults } from './generation';
import { headFaults } from './heads';
import { languageModelFaults } from './language-models';
import { layerFaults } from './layers';
import { manifestFaults } from './manifests';
import { partOfOthersFaults } from './part-of-others';
import { routingFaults } from './routing';
import { slotFaults } from './slots';
import { tableFaults } from './tables';
import { textSpanFaults } from './text-spans';
import { trainingFaults } from './training';

/** All faults that are seeded. */
export const mutants: readonly Mutant[] = [
  ...layerFaults,
  ...adapterFaults,
  ...encoderFaults,
  ...dataFaults,
  ...documentFaults,
  ...fusionFaults,
  ...attentionFaults,
  ...flamingoFaults,
  ...fusionBenchFaults,
  ...headFaults,
  ...boxFaults,
  ...tableFaults,
  ...generationFaults,
  ...ctcFaults,
  ...languageModelFaults,
  ...textSpanFaults,
  ...contractFaults,
  ...routingFaults,
  ...trainingFaults,
  ...frozenFaults,
  ...manifestFaults,
  ...commandFaults,
  ...slotFaults,
  ...partOfOthersFaults,
];
