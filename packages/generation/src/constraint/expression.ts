import { type CodePointRange, codePointsOf } from './code-points';

/** Texts that may stand at a place of a grammar. */
export type Expression =
  | { readonly kind: 'character'; readonly ranges: readonly CodePointRange[] }
  | { readonly kind: 'sequence'; readonly parts: readonly Expression[] }
  | { readonly kind: 'choice'; readonly options: readonly Expression[] }
  | { readonly kind: 'repeat'; readonly of: Expression; readonly least: number; readonly most: number }
  | { readonly kind: 'rule'; readonly name: string };

/** Rules by their names, of which `root` is the whole text. */
export type Grammar = ReadonlyMap<string, Expression>;

/** One of some characters. */
export function character(ranges: readonly CodePointRange[]): Expression {
  return { kind: 'character', ranges };
}

export function sequence(...parts: Expression[]): Expression {
  return parts.length === 1 ? parts[0] : { kind: 'sequence', parts };
}

export function choice(...options: Expression[]): Expression {
  return options.length === 1 ? options[0] : { kind: 'choice', options };
}

/** @param most `Infinity` for any number */
export function repeat(of: Expression, least: number, most: number): Expression {
  return { kind: 'repeat', of, least, most };
}

export function optional(of: Expression): Expression {
  return repeat(of, 0, 1);
}

export function rule(name: string): Expression {
  return { kind: 'rule', name };
}

/** A text itself. */
export function literal(text: string): Expression {
  const parts = codePointsOf(text).map((point) => character([point]));
  return parts.length === 1 ? parts[0] : { kind: 'sequence', parts };
}

/** One of some texts: what they begin with alike stands once, so that of thousands a few are open at any place. */
export function oneOfTexts(texts: readonly string[]): Expression {
  const characters = [...new Set(texts)].sort().map((text) => Array.from(text));
  return from(0, characters.length, 0);

  /** Of those from one on to before another, which are alike up to a place. */
  function from(first: number, end: number, place: number): Expression {
    let shared = place;
    while (
      shared < characters[first].length &&
      characters[first][shared] === characters[end - 1][shared] &&
      shared < characters[end - 1].length
    )
      shared++;
    const prefix = literal(characters[first].slice(place, shared).join(''));
    if (end - first === 1) return prefix;
    const options: Expression[] = [];
    for (let start = first; start < end; ) {
      let next = start + 1;
      while (next < end && characters[next][shared] === characters[start][shared]) next++;
      options.push(shared < characters[start].length ? from(start, next, shared) : empty);
      start = next;
    }
    return sequence(prefix, choice(...options));
  }
}

/** Nothing. */
export const empty: Expression = { kind: 'sequence', parts: [] };

/** Another expression for each set of characters in one. */
export function withCharacters(
  expression: Expression,
  change: (ranges: readonly CodePointRange[]) => Expression,
): Expression {
  switch (expression.kind) {
    case 'character':
      return change(expression.ranges);
    case 'sequence':
      return { kind: 'sequence', parts: expression.parts.map((part) => withCharacters(part, change)) };
    case 'choice':
      return { kind: 'choice', options: expression.options.map((option) => withCharacters(option, change)) };
    case 'repeat':
      return { ...expression, of: withCharacters(expression.of, change) };
    case 'rule':
      return expression;
  }
}
