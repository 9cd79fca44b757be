import { allCodePoints } from './code-points';
import { character, choice, type Expression, empty, type Grammar, repeat, rule, sequence } from './expression';
import { characterClass, escaped } from './read-pattern';
import { TextReader } from './text-reader';

/**
 * A grammar in GBNF, as llama.cpp reads it: `name ::= "text" [a-z]+ (other | "x"){2,3} # and why`. White space parts what stands in it, line ends
 * too.
 *
 * @throws ConfigError for what cannot be read
 */
export function readGrammar(text: string): Grammar {
  const reader = new TextReader(text, 'generation.constraint.grammar');
  const rules = new Map<string, Expression>();
  space();
  while (!reader.isAtEnd) {
    const name = takeName();
    space();
    if (name === '' || !reader.takes('::=')) throw reader.fault('a rule: name ::= …');
    if (rules.has(name)) throw reader.fault(`one rule "${name}", the second of which ends before this`);
    space();
    rules.set(name, options());
  }
  return rules;

  function options(): Expression {
    const all = [terms()];
    while (reader.takes('|')) {
      space();
      all.push(terms());
    }
    return choice(...all);
  }

  function terms(): Expression {
    const parts: Expression[] = [];
    for (let term = atom(); term; term = atom()) parts.push(repeated(term));
    return parts.length === 0 ? empty : sequence(...parts);
  }

  function atom(): Expression | undefined {
    if (reader.takes('"')) return quotedText();
    if (reader.takes('[')) return character(characterClass(reader));
    if (reader.takes('.')) return character(allCodePoints);
    if (reader.takes('(')) {
      space();
      const inner = reader.within(options);
      if (!reader.takes(')')) throw reader.fault('the end of a group');
      return inner;
    }
    if (reader.isAtEnd || '|)'.includes(reader.peek()) || beginsRule()) return undefined;
    const name = takeName();
    if (name === '') throw reader.fault('a rule, "a text", a [class] or a (group)');
    return rule(name);
  }

  function quotedText(): Expression {
    const parts: Expression[] = [];
    while (!reader.takes('"')) {
      if (reader.isAtEnd) throw reader.fault('the end of a text, a quotation mark');
      if (reader.takes('\\')) parts.push(character(escaped(reader)));
      else {
        const point = reader.take().codePointAt(0)!;
        parts.push(character([[point, point]]));
      }
    }
    return sequence(...parts);
  }

  function repeated(of: Expression): Expression {
    const infinite = Number.POSITIVE_INFINITY;
    let whole = of;
    for (;;) {
      space();
      if (reader.takes('*')) whole = repeat(whole, 0, infinite);
      else if (reader.takes('+')) whole = repeat(whole, 1, infinite);
      else if (reader.takes('?')) whole = repeat(whole, 0, 1);
      else if (reader.takes('{')) {
        const { least, most } = reader.takeBounds();
        whole = repeat(whole, least, most);
      } else return whole;
    }
  }

  /** Whether a name stands here that a rule begins with. */
  function beginsRule(): boolean {
    let ahead = 0;
    while (isOfName(reader.peek(ahead))) ahead++;
    if (ahead === 0) return false;
    while (/^\s$/.test(reader.peek(ahead))) ahead++;
    return reader.peek(ahead) + reader.peek(ahead + 1) + reader.peek(ahead + 2) === '::=';
  }

  function takeName(): string {
    return reader.takeWhile(isOfName);
  }

  function space(): void {
    for (;;) {
      reader.takeWhile((letter) => /\s/.test(letter));
      if (!reader.takes('#')) return;
      reader.takeWhile((letter) => letter !== '\n');
    }
  }
}

function isOfName(letter: string): boolean {
  return /^[a-zA-Z0-9_-]$/.test(letter);
}
