import { ConfigError, FileFormatError, isRecord, PolymodalError, parseConfig } from '@polymodal/core';
import { type Document, isMap, isScalar, isSeq, LineCounter, parseDocument, type YAMLParseError } from 'yaml';
import { readText } from '../data/read-text';
import { applySetting } from './apply-setting';
import { type Project, projectSchema } from './project';
import { yamlValue } from './yaml-value';

/** No config is longer. */
const mostBytes = 2 ** 22;

/** A config, and where in its file each option stands. */
export class ConfigFile {
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #settings: readonly string[];
  readonly project: Project;

  private constructor(
    /** The path of the file. */
    readonly path: string,
    document: Document,
    lines: LineCounter,
    settings: readonly string[],
  ) {
    this.#document = document;
    this.#lines = lines;
    this.#settings = settings;
    this.project = this.within('', () => {
      const value = yamlValue(document, lines, path);
      if (isRecord(value)) return parseConfig(projectSchema, value, '');
      throw new ConfigError({
        expected: 'options: data, model, training, directory',
        received: value === null ? 'an empty file' : 'something else',
        hint: '"polymodal init products.csv" writes such a file for a table.',
      });
    });
  }

  /**
   * Reads a config in YAML, or in JSON, which YAML includes.
   *
   * @param settings as `training.epochs=3`: each replaces what the file says
   * @throws FileFormatError for a text that is neither
   * @throws ConfigError for an option that is unknown or of the wrong kind, with its line
   * @throws StorageError for a file that cannot be read
   */
  static async read(path: string, settings: readonly string[] = []): Promise<ConfigFile> {
    const text = await readText(path, path, mostBytes);
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines });
    const [fault] = document.errors;
    if (fault) throw malformed(fault, path);
    const set = settings.map((setting) => applySetting(document, setting));
    return new ConfigFile(path, document, lines, set);
  }

  /**
   * What a function gives that is told of a part of the config; the errors that it throws say where in the file the fault is.
   *
   * @param part the path of that part in the config, such as `model`
   * @param called what the function puts before the paths of its options
   */
  within<T>(part: string, run: () => T, called = ''): T {
    try {
      const result = run();
      if (!(result instanceof Promise)) return result;
      return result.catch((error) => {
        throw this.#placed(error, part, called);
      }) as T;
    } catch (error) {
      throw this.#placed(error, part, called);
    }
  }

  /** An error of an option, said of its line. Others, of a row of a table or a file, stay as they are. */
  #placed(error: unknown, part: string, called: string): unknown {
    if (!PolymodalError.isInstance(error)) return error;
    const where = error.where ?? called;
    const isOwn = where === called || where.startsWith(`${called}.`) || called === '';
    const isWhole = part !== '' && where.startsWith(`${part}.`); // already as the config calls it
    if (!(isOwn || isWhole) || !isOption(where)) return error;
    const names = (isWhole ? [where] : [part, where.slice(called.length)])
      .flatMap((path) => path.split('.'))
      .filter(Boolean);
    const option = names.join('.');
    const unknown = unknownKey(error);
    const key = [...this.#numbered(names), ...unknown];
    const set = this.#settings.find(
      (own) => isWithin(key.join('.'), own) || (unknown.length > 0 && isWithin(own, key.join('.'))),
    );
    if (set !== undefined) return error.at(`--set ${isWithin(option, set) ? option : set}`);
    const line = this.#lineOf(key);
    return error.at([line === undefined ? this.path : `${this.path}, line ${line}`, option].filter(Boolean).join(', '));
  }

  /** A path in which entries of lists that are called by their own names, as stages are, are called by their numbers. */
  #numbered(path: readonly string[]): string[] {
    return path.map((name, place) => {
      const list = this.#document.getIn(path.slice(0, place));
      const index = isSeq(list) ? list.items.findIndex((item) => isMap(item) && item.get('name') === name) : -1;
      return index < 0 ? name : String(index);
    });
  }

  /** The line of an option, or of the nearest one around it. */
  #lineOf(path: readonly string[]): number | undefined {
    let node: unknown = this.#document.contents;
    let offset: number | undefined;
    for (const name of path) {
      const inner = isMap(node)
        ? node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === name)
        : isSeq(node)
          ? { key: node.items[Number(name)], value: node.items[Number(name)] }
          : undefined;
      const range = (inner?.key as { range?: readonly number[] } | undefined)?.range;
      if (!range) break;
      [offset, node] = [range[0], inner?.value];
    }
    return offset === undefined ? undefined : this.#lines.linePos(offset).line;
  }
}

/** Whether an option is another one, or lies in it. */
function isWithin(option: string, other: string): boolean {
  return `${option}.`.startsWith(`${other}.`);
}

/** The first key that nothing knows, of an error that says of such what is around them. */
function unknownKey({ received }: PolymodalError): string[] {
  const [, key] = /^"([^"]+)"/.exec(received) ?? [];
  return key === undefined ? [] : [key];
}

/** The path of an option, and not of a file or row. */
function isOption(where: string): boolean {
  return /^([\w$-]+(\.[\w$ -]+)*\.?)?$/.test(where);
}

function malformed({ code, message, linePos }: YAMLParseError, path: string): FileFormatError {
  const line = linePos ? `, line ${linePos[0].line}` : '';
  if (code === 'MULTIPLE_DOCS') {
    return new FileFormatError({
      where: `${path}${line}`,
      expected: 'one config in the file',
      received: 'another one behind "---"',
      hint: 'Give each config a file of its own.',
    });
  }
  return new FileFormatError({
    where: `${path}${line}`,
    expected: 'YAML or JSON',
    received: `text that is neither: ${message.split(/ at line \d+/, 1)[0].replace(/\.$/, '')}`,
    hint: path.endsWith('.json')
      ? 'Look for a comma, quote or bracket.'
      : 'Look at the indentation, colons and quotes.',
  });
}
