import { it } from 'vitest';
import { dropoutOptions } from './cases/dropout-options';
import type { ModuleCase } from './cases/module-case';
import { configRoundTrips } from './checks/config-round-trips';
import { dropoutFollowsItsKey } from './checks/dropout-follows-its-key';
import { everyParameterLearns } from './checks/every-parameter-learns';
import { forwardChangesNoParameter } from './checks/forward-changes-no-parameter';
import { freezingHoldsParametersAlone } from './checks/freezing-holds-parameters-alone';
import { gradientsMatchFiniteDifferences } from './checks/gradients-match-finite-differences';
import { noParameterIsHidden } from './checks/no-parameter-is-hidden';
import { noTensorLeaks } from './checks/no-tensor-leaks';
import { recomputedLayersLearnTheSame } from './checks/recomputed-layers-learn-the-same';
import { sameKeySameBytes } from './checks/same-key-same-bytes';
import { trainingDiffersByDropoutAlone } from './checks/training-differs-by-dropout-alone';
import { trainingFollowsItsKey } from './checks/training-follows-its-key';
import { unknownOptionsAreRefused } from './checks/unknown-options-are-refused';
import { itApplies } from './it-applies';

/** Registers the tests that hold for encoders, fusions and heads alike. */
export function describeModule(subject: () => ModuleCase): void {
  itApplies(
    'gives every trainable parameter a gradient',
    () => withoutParameters(subject()),
    () => everyParameterLearns(subject()),
  );
  it('uses no parameter outside its module tree', () => noParameterIsHidden(subject()));
  it('has gradients that agree with finite differences', () => gradientsMatchFiniteDifferences(subject()));
  it('is the same to the bit for the same key', () => sameKeySameBytes(subject()));
  it('is in training the same to the bit for the same key', () => trainingFollowsItsKey(subject()));
  itApplies(
    'draws dropout from the key of the training step',
    () => (dropoutOptions(subject()).length > 0 ? undefined : 'the part has no options of dropout'),
    () => dropoutFollowsItsKey(subject()),
  );
  it('learns the same to the bit when layers are computed again', () => recomputedLayersLearnTheSame(subject()));
  it('differs between training and inference by dropout alone', () => trainingDiffersByDropoutAlone(subject()));
  it('changes no parameter in a forward or backward pass', () => forwardChangesNoParameter(subject()));
  itApplies(
    'holds frozen parameters, and nothing else',
    () => withoutParameters(subject()),
    () => freezingHoldsParametersAlone(subject()),
  );
  it('leaves no tensor behind', () => noTensorLeaks(subject()));
  it('is made again from its config written as JSON', () => configRoundTrips(subject()));
  it('refuses options that it does not know', () => unknownOptionsAreRefused(subject()));
}

/** Why nothing can be said of the parameters of a part; `undefined` where it has some. */
function withoutParameters(subject: ModuleCase): string | undefined {
  const built = subject.build();
  try {
    const trainable = [...built.module.parameters().values()].some((parameter) => parameter.trainable);
    return trainable ? undefined : 'the part has no trainable parameters';
  } finally {
    built.dispose();
  }
}
