import { ConfigError } from '@polymodal/core';
import { type Alias, type Document, isScalar, type LineCounter, type Node, visit } from 'yaml';

/** Each of them is looked for in the whole document. */
const mostAliases = 100;

/**
 * What a document in YAML says, without what no config needs: aliases that name nothing, what they stand in, or so much that it fills the
 * memory, and merge keys.
 *
 * @param where how errors call the file
 * @throws ConfigError for such, with its line
 */
export function yamlValue(document: Document, lines: LineCounter, where: string): unknown {
  const refuse = (node: unknown, expected: string, received: string, hint: string): never => {
    const offset = (node as Node | undefined)?.range?.[0];
    const line = offset === undefined ? '' : `, line ${lines.linePos(offset).line}`;
    throw new ConfigError({ where: `${where}${line}`, expected, received, hint });
  };
  let last: Alias | undefined;
  let count = 0;
  visit(document, {
    Pair(_, { key }) {
      if (isMergeKey(key))
        refuse(key, 'options written out', 'the merge key "<<", which is not taken', 'Write its options in its place.');
    },
    Alias(_, alias, path) {
      last = alias;
      if (++count > mostAliases) refuse(alias, `at most ${mostAliases} aliases`, 'more', 'Write the values out.');
      const named = alias.resolve(document);
      if (named && !path.includes(named)) return;
      const received = `*${alias.source}, ${named ? 'which stands within what it names' : 'which names nothing'}`;
      refuse(alias, `an alias of what stands above it as &${alias.source}`, received, 'Write the value in its place.');
    },
  });
  try {
    return document.toJS();
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return refuse(last, 'few aliases', 'aliases of aliases that come to too many values', 'Write the values out.');
  }
}

/** Whether a value in YAML has an alias or a merge key in it. */
export function hasReferences(document: Document): boolean {
  let found = false;
  visit(document, {
    Alias() {
      found = true;
    },
    Pair(_, { key }) {
      found ||= isMergeKey(key);
    },
  });
  return found;
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === '<<';
}
