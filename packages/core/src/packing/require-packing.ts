import { isInterleaving } from '../document/interleaving-processor';
import { ConfigError } from '../errors';
import type { Model } from '../model';
import { askPart } from '../part/ask-part';
import { SeveralProcessor } from '../several/several-processor';

/**
 * Makes sure that samples of a model can share a row and be computed as each by itself.
 *
 * @param where how errors call what asked for it
 * @throws ConfigError saying what in the model is in the way, by name
 */
export function requirePacking(model: Model, where: string): void {
  const { fusion, encoders, processors, targets, heads } = model;
  const { use } = model.config.fusion;
  if (!fusion.checkPacking) {
    throw refused(where, 'a fusion that keeps samples apart which share a row', `"${use}"`, 'Such is `decoder`.');
  }
  askPart('fusion', 'checkPacking()', () => fusion.checkPacking!(encoders));
  for (const [slot, processor] of Object.entries(processors)) {
    if (isInterleaving(processor) && processor.pack) continue;
    if (processor instanceof SeveralProcessor && !processor.options.ordered) continue;
    const isOrdered = processor instanceof SeveralProcessor;
    throw refused(
      where,
      `slots of texts, and others that take several values, in no order: a row has those of all its samples`,
      `"${slot}", ${isOrdered ? 'which learns a vector for each place among them' : 'which takes one'}`,
      `Let the slot say several: { most: …, ordered: false }.`,
    );
  }
  for (const head of Object.keys(heads)) {
    if (targets[head]?.processor.derive) continue;
    throw refused(
      where,
      'heads that learn from the sequence itself',
      `"${head}", which does not`,
      "Such is `language-model` with learns: 'answers' or 'sequence'.",
    );
  }
}

function refused(where: string, expected: string, received: string, hint: string): ConfigError {
  return new ConfigError({ where, expected, received, hint });
}
