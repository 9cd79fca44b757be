import { type Document, parseDocument } from 'yaml';
import { UsageError } from '../command/usage-error';
import { hasReferences } from './yaml-value';

/**
 * Sets an option of a config, as `--set training.epochs=3` says; its value is read as YAML.
 *
 * @returns the path of the option
 * @throws UsageError for a setting that is none
 */
export function applySetting(document: Document, setting: string): string {
  const equals = setting.indexOf('=');
  const path = setting.slice(0, equals);
  const names = path.split('.');
  if (equals < 1 || names.includes('')) {
    throw new UsageError({
      where: '--set',
      expected: 'an option and its value',
      received: JSON.stringify(setting),
      hint: 'For example: --set training.epochs=3',
    });
  }
  const value = parseDocument(setting.slice(equals + 1));
  if (value.errors.length > 0 || hasReferences(value)) {
    throw new UsageError({
      where: `--set ${path}`,
      expected: 'a value in YAML, without aliases and merge keys',
      received: setting.slice(equals + 1),
      hint: 'Lists and texts with signs need quotes of the shell: --set \'training.train=["fusion"]\'',
    });
  }
  requireWay(document, names, path);
  document.setIn(names, value.contents);
  return path;
}

/** An option within one that is no map would be an error without a word of where. */
function requireWay(document: Document, names: readonly string[], path: string): void {
  for (let depth = 1; depth < names.length; depth++) {
    const around = document.getIn(names.slice(0, depth));
    if (around === undefined || around === null || typeof around === 'object') continue;
    throw new UsageError({
      where: `--set ${path}`,
      expected: `options within ${names.slice(0, depth).join('.')}`,
      received: `${String(around)}, which has none`,
    });
  }
}
