import { it } from 'vitest';
import type { ModuleCase } from './cases/module-case';
import { configRoundTrips } from './checks/config-round-trips';
import { dropoutFollowsItsKey } from './checks/dropout-follows-its-key';
import { everyParameterLearns } from './checks/every-parameter-learns';
import { forwardChangesNoParameter } from './checks/forward-changes-no-parameter';
import { freezingHoldsParametersAlone } from './checks/freezing-holds-parameters-alone';
import { gradientsMatchFiniteDifferences } from './checks/gradients-match-finite-differences';
import { noParameterIsHidden } from './checks/no-parameter-is-hidden';
import { noTensorLeaks } from './checks/no-tensor-leaks';
import { sameKeySameBytes } from './checks/same-key-same-bytes';
import { trainingDiffersByDropoutAlone } from './checks/training-differs-by-dropout-alone';
import { unknownOptionsAreRefused } from './checks/unknown-options-are-refused';

/** Registers the tests that hold for encoders, fusions and heads alike. */
export function describeModule(subject: () => ModuleCase): void {
  it('gives every trainable parameter a gradient', () => everyParameterLearns(subject()));
  it('uses no parameter outside its module tree', () => noParameterIsHidden(subject()));
  it('has gradients that agree with finite differences', () => gradientsMatchFiniteDifferences(subject()));
  it('is the same to the bit for the same key', () => sameKeySameBytes(subject()));
  it('draws dropout from the key of the training step', () => dropoutFollowsItsKey(subject()));
  it('differs between training and inference by dropout alone', () => trainingDiffersByDropoutAlone(subject()));
  it('changes no parameter in a forward or backward pass', () => forwardChangesNoParameter(subject()));
  it('holds frozen parameters, and nothing else', () => freezingHoldsParametersAlone(subject()));
  it('leaves no tensor behind', () => noTensorLeaks(subject()));
  it('is made again from its config written as JSON', () => configRoundTrips(subject()));
  it('refuses options that it does not know', () => unknownOptionsAreRefused(subject()));
}
