import { FileFormatError } from '@polymodal/core';
import type { PretrainedConfig } from '../pretrained/config-files';
import type { Family } from './define-family';

/**
 * A config.json with a `model_type`. Where it has none, its `architectures` may say what it is: `BertForMaskedLM` is a kind of
 * `BertModel`.
 *
 * @throws FileFormatError where they do not
 */
export function withModelType(
  families: readonly Pick<Family, 'architectures'>[],
  config: PretrainedConfig,
  directory: string,
): PretrainedConfig {
  if (config.model_type !== '') return config;
  const architectures = config.architectures ?? [];
  const classes = families.flatMap((family) => Object.entries(family.architectures));
  const fitting = classes.filter(([, name]) => architectures.some((given) => kindOf(given) === kindOf(name)));
  const [type, ...others] = new Set(fitting.map(([own]) => own));
  if (type !== undefined && others.length === 0) return { ...config, model_type: type };
  const known = classes.map(([type]) => `"${type}"`).join(', ');
  throw new FileFormatError({
    where: directory ? `${directory}/config.json` : 'config.json',
    expected: 'a model_type',
    received: architectures.length > 0 ? `none, and the architectures ${architectures.join(', ')}` : 'none',
    hint: `Write the model's own into the file: one of ${known}.`,
  });
}

/** The name of a class of transformers without what it is for. */
function kindOf(name: string): string {
  return name.replace(/(?:Model|Encoder|LMHeadModel|DoubleHeadsModel|For[A-Z]\w*|ModelWithProjection)$/, '');
}
