import type { Model } from './model';
import type { AnswersOf, HeadInputs, HeadRules, HeadUses, RequestsOf } from './model-config';
import type { Plugin } from './plugin';

/** The model of a config: what its heads answer, and what may be asked of them. */
export type ModelOf<
  P extends Plugin,
  Uses extends HeadUses<P>,
  Inputs extends HeadInputs<Uses> = HeadInputs<Uses>,
  Rules extends HeadRules<Uses> = HeadRules<Uses>,
> = Model<AnswersOf<P, Uses, Inputs, Rules>, RequestsOf<P, Uses>>;
