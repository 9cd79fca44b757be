import type { ConstraintOption } from './constraint-option';
import type { Grammar } from './expression';
import { readGrammar } from './read-grammar';
import { readPattern } from './read-pattern';
import { schemaGrammar } from './schema-grammar';

/** @throws ConfigError for what cannot be read, or not be kept */
export function grammarOf(option: ConstraintOption): Grammar {
  if ('pattern' in option) return new Map([['root', readPattern(option.pattern, 'whole')]]);
  return 'grammar' in option ? readGrammar(option.grammar) : schemaGrammar(option.schema);
}
