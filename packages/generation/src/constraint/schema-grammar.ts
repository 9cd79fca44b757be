import { ConfigError, describeValue, isRecord, suggestNames } from '@polymodal/core';
import { codePointsOf, without } from './code-points';
import {
  character,
  choice,
  type Expression,
  empty,
  type Grammar,
  literal,
  oneOfTexts,
  optional,
  repeat,
  rule,
  sequence,
} from './expression';
import {
  anyValueRules,
  asContent,
  comma,
  integersBetween,
  member,
  numberText,
  plainCharacters,
  quoted,
  space,
  stringCharacter,
  valueText,
} from './json-text';
import { readPattern } from './read-pattern';

type Schema = Readonly<Record<string, unknown>>;

/**
 * The grammar of JSON values of a schema. The properties of an object come in the order in which the schema has them, those that are not
 * required perhaps not at all, and others only where `additionalProperties` says so.
 *
 * @throws ConfigError for a keyword that cannot be kept, by its name and place: no value is written that a validator would refuse
 */
export function schemaGrammar(schema: true | Schema): Grammar {
  return new SchemaGrammar(schema).rules;
}

/** What says something to people, and nothing of values. */
const annotations = [
  ...['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly'],
  ...['$schema', '$id', '$comment', '$defs', 'definitions'],
];
const ofTypes: Readonly<Record<string, readonly string[]>> = {
  object: ['properties', 'required', 'additionalProperties'],
  array: ['items', 'prefixItems', 'minItems', 'maxItems'],
  string: ['minLength', 'maxLength', 'pattern', 'format'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  number: [],
  boolean: [],
  null: [],
};
const types = Object.keys(ofTypes);
const alone = ['$ref', 'enum', 'const', 'anyOf', 'oneOf'];
const infinite = Number.POSITIVE_INFINITY;
const safe = Number.MAX_SAFE_INTEGER;

class SchemaGrammar {
  readonly rules = new Map<string, Expression>(anyValueRules);
  readonly #document: true | Schema;

  constructor(schema: true | Schema) {
    this.#document = schema;
    this.rules.set('root', rule(this.#ruleOf('#')));
  }

  /** The rule of the schema at a place in the document, which may be within itself. */
  #ruleOf(pointer: string): string {
    const name = `schema ${pointer}`;
    if (this.rules.has(name)) return name;
    this.rules.set(name, empty); // known before it is made
    this.rules.set(name, this.#valueOf(this.#at(pointer), pointer));
    return name;
  }

  #valueOf(schema: unknown, where: string): Expression {
    if (schema === true) return rule('any value');
    if (!isRecord(schema)) throw faulty(where, 'a schema, as an object or true', describeValue(schema));
    const keywords = Object.keys(schema).filter((key) => !annotations.includes(key) && schema[key] !== undefined);
    const own = keywords.find((key) => alone.includes(key));
    if (own !== undefined) return this.#only(own, schema, keywords, where);
    const asked = typesOf(schema, keywords, where);
    const allowed = new Set(['type', ...asked.flatMap((type) => ofTypes[type])]);
    const unknown = keywords.find((key) => !allowed.has(key));
    if (unknown !== undefined) throw notKept(where, unknown, [...allowed, ...alone], asked);
    if (keywords.length === 0) return rule('any value');
    return choice(...asked.map((type) => this.#ofType(type, schema, where)));
  }

  #only(keyword: string, schema: Schema, keywords: readonly string[], where: string): Expression {
    const beside = keywords.find((key) => key !== keyword && !(key === 'type' && ['enum', 'const'].includes(keyword)));
    if (beside !== undefined) throw faulty(`${where}/${beside}`, `nothing beside "${keyword}"`, `"${beside}"`);
    const value = schema[keyword];
    if (keyword === '$ref') return rule(this.#ruleOf(pointerOf(value, where)));
    if (keyword === 'anyOf' || keyword === 'oneOf') {
      if (!Array.isArray(value) || value.length === 0)
        throw faulty(`${where}/${keyword}`, 'a list of schemas', describeValue(value));
      if (keyword === 'oneOf') requireApart(value, `${where}/oneOf`);
      return choice(...value.map((_, index) => rule(this.#ruleOf(`${where}/${keyword}/${index}`))));
    }
    const values = keyword === 'const' ? [value] : value;
    if (!Array.isArray(values)) throw faulty(`${where}/enum`, 'a list of values', describeValue(values));
    const asked = schema.type === undefined ? types : typesOf(schema, ['type'], where);
    const fitting = values.filter((each) => asked.some((type) => isOfType(each, type)));
    if (fitting.length === 0) throw faulty(`${where}/${keyword}`, `a value of type ${asked.join(' or ')}`, 'none');
    const isScalar = (each: unknown) => typeof each !== 'object' || each === null;
    const scalars = fitting.filter(isScalar).map((each) => JSON.stringify(each));
    const others = fitting.filter((each) => !isScalar(each)).map(valueText);
    return choice(...(scalars.length > 0 ? [oneOfTexts(scalars)] : []), ...others);
  }

  #ofType(type: string, schema: Schema, where: string): Expression {
    switch (type) {
      case 'object':
        return this.#object(schema, where);
      case 'array':
        return this.#array(schema, where);
      case 'string':
        return this.#string(schema, where);
      case 'integer':
        return integer(schema, where);
      case 'number':
        return numberText;
      case 'boolean':
        return choice(literal('true'), literal('false'));
      default:
        return literal('null');
    }
  }

  #object(schema: Schema, where: string): Expression {
    const { properties = {}, required = [], additionalProperties } = schema;
    if (!isRecord(properties)) throw faulty(`${where}/properties`, 'an object of schemas', describeValue(properties));
    if (!Array.isArray(required)) throw faulty(`${where}/required`, 'a list of names', describeValue(required));
    const isOpen = schema.properties === undefined && additionalProperties === undefined;
    if (isOpen && required.length === 0) return rule('any object');
    const names = Object.keys(properties);
    const unknown = required.find((name) => !names.includes(name));
    if (unknown !== undefined)
      throw faulty(`${where}/required`, 'names of properties that have a schema', describeValue(unknown));
    const others = this.#additional(additionalProperties, names, where);
    /** What may follow from a property on, with or without one before it. */
    const from = (index: number, hasBefore: boolean): Expression => {
      const name = `members ${index}${hasBefore ? ' behind others' : ''} of ${where}`;
      if (this.rules.has(name)) return rule(name);
      const before = hasBefore ? [comma] : [];
      if (index === names.length) {
        this.rules.set(
          name,
          others ? optional(sequence(...before, others, repeat(sequence(comma, others), 0, infinite))) : empty,
        );
        return rule(name);
      }
      const key = names[index];
      const value = rule(this.#ruleOf(`${where}/properties/${escapedPointer(key)}`));
      const own = sequence(...before, member(literal(JSON.stringify(key)), value), from(index + 1, true));
      this.rules.set(name, required.includes(key) ? own : choice(own, from(index + 1, hasBefore)));
      return rule(name);
    };
    return sequence(literal('{'), space, from(0, false), space, literal('}'));
  }

  /** Members of other names than those that have a schema: no value of these is to be replaced. */
  #additional(schema: unknown, names: readonly string[], where: string): Expression | undefined {
    if (schema === undefined || schema === false) return undefined;
    const value = rule(this.#ruleOf(`${where}/additionalProperties`));
    return member(quoted(textsBeside(names)), value);
  }

  #array(schema: Schema, where: string): Expression {
    const { items, prefixItems = [] } = schema;
    if (!Array.isArray(prefixItems))
      throw faulty(`${where}/prefixItems`, 'a list of schemas', describeValue(prefixItems));
    const least = countOf(schema.minItems, `${where}/minItems`) ?? 0;
    const hasRest = items !== false && (items !== undefined || prefixItems.length === 0 || least > prefixItems.length);
    const most = Math.min(
      countOf(schema.maxItems, `${where}/maxItems`) ?? infinite,
      hasRest ? infinite : prefixItems.length,
    );
    if (least > most) throw faulty(where, `at least ${least} items`, `at most ${most}`);
    const rest = items === undefined || items === false ? rule('any value') : rule(this.#ruleOf(`${where}/items`));
    const at = (index: number) =>
      index < prefixItems.length ? rule(this.#ruleOf(`${where}/prefixItems/${index}`)) : rest;
    /** The items from one of those that have a schema of their own on; the others are a repetition. */
    const from = (index: number): Expression => {
      if (index >= most) return empty;
      if (index < Math.max(1, prefixItems.length)) {
        const own = sequence(...(index > 0 ? [comma] : []), at(index), from(index + 1));
        return index < least ? own : optional(own);
      }
      return repeat(sequence(comma, rest), Math.max(0, least - index), most - index);
    };
    return sequence(literal('['), space, from(0), space, literal(']'));
  }

  #string(schema: Schema, where: string): Expression {
    const { pattern, format } = schema;
    const least = countOf(schema.minLength, `${where}/minLength`);
    const most = countOf(schema.maxLength, `${where}/maxLength`);
    const given = Object.entries({ pattern, format, length: least ?? most }).filter(([, value]) => value !== undefined);
    if (given.length > 1) {
      throw faulty(
        where,
        'one of pattern, format, and minLength or maxLength',
        given.map(([name]) => name).join(' and '),
      );
    }
    if (pattern !== undefined) {
      if (typeof pattern !== 'string') throw faulty(`${where}/pattern`, 'a regular expression', describeValue(pattern));
      return quoted(asContent(readPattern(pattern, 'within', place(`${where}/pattern`))));
    }
    if (format !== undefined) return formatted(format, where);
    if ((least ?? 0) > (most ?? infinite)) throw faulty(where, `a length of at least ${least}`, `at most ${most}`);
    if (least === undefined && most === undefined) return rule('any string');
    return quoted(repeat(stringCharacter, least ?? 0, most ?? infinite));
  }

  #at(pointer: string): unknown {
    const steps = pointer.slice(1).split('/').slice(1);
    let value: unknown = this.#document;
    for (const step of steps) {
      const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
      const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
      if (!isThere) throw faulty(pointer, 'a schema in the document', 'none');
      value = (value as Record<string, unknown>)[key];
    }
    return value;
  }
}

function integer(schema: Schema, where: string): Expression {
  const bound = (key: string) => {
    const value = schema[key];
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw faulty(`${where}/${key}`, 'a number', describeValue(value));
    return value;
  };
  const [above, below] = [bound('exclusiveMinimum'), bound('exclusiveMaximum')];
  const least = Math.max(
    Math.ceil(bound('minimum') ?? -infinite),
    above === undefined ? -infinite : Math.floor(above) + 1,
  );
  const most = Math.min(
    Math.floor(bound('maximum') ?? infinite),
    below === undefined ? infinite : Math.ceil(below) - 1,
  );
  if (least > most) throw faulty(where, 'a whole number between its bounds', `none from ${least} to ${most}`);
  if (least > safe || most < -safe)
    throw faulty(where, `a whole number within ±${safe}`, `none from ${least} to ${most}`);
  // Beyond are no exact numbers, and what has no bound has fewer digits anyway.
  return integersBetween(least < -safe ? -infinite : least, most > safe ? infinite : most);
}

/** Texts of characters that need no escape, and that none of some names is. */
function textsBeside(names: readonly string[]): Expression {
  const next = new Map<string, string[]>();
  for (const name of names) {
    const [first, ...rest] = Array.from(name);
    if (first !== undefined) next.set(first, [...(next.get(first) ?? []), rest.join('')]);
  }
  const others = without(plainCharacters, [...next.keys()].flatMap(codePointsOf));
  const anyOther = sequence(character(others), repeat(character(plainCharacters), 0, infinite));
  const branches = [...next]
    .filter(([letter]) => without(codePointsOf(letter), plainCharacters).length === 0)
    .map(([letter, rests]) => sequence(literal(letter), textsBeside(rests)));
  return choice(...(names.includes('') ? [] : [empty]), anyOther, ...branches);
}

function formatted(format: unknown, where: string): Expression {
  const known = formats[format as string];
  if (known !== undefined) return quoted(readPattern(known, 'whole'));
  throw faulty(`${where}/format`, `one of ${Object.keys(formats).join(', ')}`, describeValue(format));
}

/** The days that every year has. */
const date = String.raw`\d{4}-((0[13578]|1[02])-(0[1-9]|[12]\d|3[01])|(0[469]|11)-(0[1-9]|[12]\d|30)|02-(0[1-9]|1\d|2[0-8]))`;
const time = String.raw`([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)`;
const byte = String.raw`(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`;
const formats: Readonly<Record<string, string>> = {
  date,
  time,
  'date-time': `${date}T${time}`,
  uuid: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
  ipv4: `(${byte}\\.){3}${byte}`,
};

function typesOf({ type }: Schema, keywords: readonly string[], where: string): readonly string[] {
  if (type === undefined) {
    const told = types.filter((own) => keywords.some((key) => ofTypes[own].includes(key)));
    if (told.length <= 1) return told.length === 1 ? told : types;
    throw faulty(where, 'its type, since its keywords are of several', told.join(' and '));
  }
  const asked: readonly unknown[] = Array.isArray(type) ? type : [type];
  const unknown = asked.find((own) => !types.includes(own as string));
  if (asked.length > 0 && unknown === undefined) return asked as string[];
  throw faulty(`${where}/type`, `one of ${types.join(', ')}, or a list of them`, describeValue(unknown ?? type));
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isRecord(value);
  return type === 'integer' ? Number.isInteger(value) : typeof value === type;
}

/** Of `oneOf` exactly one is to hold: as of `anyOf` where no value is of two of them. */
function requireApart(schemas: readonly unknown[], where: string): void {
  const kinds = schemas.map((schema) => {
    if (!isRecord(schema)) return undefined;
    if ('const' in schema) return JSON.stringify(schema.const);
    return typeof schema.type === 'string' ? schema.type.replace('integer', 'number') : undefined;
  });
  const areConstants = schemas.every((schema) => isRecord(schema) && 'const' in schema);
  const areTypes = schemas.every((schema) => isRecord(schema) && !('const' in schema));
  if ((areConstants || areTypes) && !kinds.includes(undefined) && new Set(kinds).size === kinds.length) return;
  throw faulty(where, 'schemas of different types, or different constants, of which no value fits two', 'others');
}

function pointerOf(reference: unknown, where: string): string {
  if (typeof reference === 'string' && /^#(\/|$)/.test(reference)) {
    try {
      return decodeURIComponent(reference);
    } catch {
      throw faulty(`${where}/$ref`, 'a reference in which a percent sign is written %25', describeValue(reference));
    }
  }
  throw faulty(`${where}/$ref`, 'a reference within the document, such as "#/$defs/name"', describeValue(reference));
}

function countOf(value: unknown, where: string): number | undefined {
  if (value === undefined || (Number.isInteger(value) && (value as number) >= 0)) return value as number | undefined;
  throw faulty(where, 'a whole number from 0 on', describeValue(value));
}

function escapedPointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

function notKept(where: string, keyword: string, known: readonly string[], asked: readonly string[]): ConfigError {
  const ofType = asked.length < types.length ? ` of type ${asked.join(' or ')}` : '';
  return new ConfigError({
    where: place(where),
    expected: `keywords that are kept while a text${ofType} is written`,
    received: `"${keyword}"`,
    hint: suggestNames(keyword, known),
  });
}

function faulty(where: string, expected: string, received: string): ConfigError {
  return new ConfigError({ where: place(where), expected, received });
}

function place(where: string): string {
  return `generation.constraint.schema ${where}`;
}
