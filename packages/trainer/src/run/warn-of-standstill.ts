import type { StageSettings } from '../stage-options';

/** Says on standard error, as a warning of the process, that an epoch has changed nothing. */
export function warnOfStandstill({ name, sources, train, freeze }: StageSettings): void {
  const stage = name === undefined ? '' : `, stage ${name}`;
  const learning = `train: ${JSON.stringify(train)}${freeze.length > 0 ? `, freeze: ${JSON.stringify(freeze)}` : ''}`;
  const message = `${sources.join(', ')}${stage}: no loss depends on anything that learns (${learning}), so nothing is learned.`;
  process.emitWarning(message, { type: 'PolymodalWarning', code: 'POLYMODAL_UNUSED' });
}
