import type { SvgElement } from './svg-elements';

/** Something that an element names, and how often that is drawn with it. */
export interface Reference {
  readonly target: SvgElement;
  readonly drawn: Drawn;
}

/** What fills an element, masks or marks it is inherited by those within it. */
type Drawn = 'in place' | 'for each element' | 'for each corner';

type NamedReference = readonly [id: string, drawn: Drawn];

/** References that rules of style sheets have, by the name, `.class` or `#id` of the elements that they are for, or `*`. */
export type StyleReferences = ReadonlyMap<string, readonly NamedReference[]>;

/** What an element refers to, but gradients: they cost next to nothing. */
export function referencesOf(
  { tag, attributes, id, classes }: SvgElement,
  styles: StyleReferences,
  byId: ReadonlyMap<string | undefined, SvgElement>,
): Reference[] {
  const styled = styles.size === 0 ? [] : ['*', tag, `#${id}`, ...classes.map((name) => `.${name}`)];
  const named = [...styled.flatMap((name) => styles.get(name) ?? []), ...paintedWith(attributes)];
  const link = inPlace.has(tag) ? /\bhref\s*=\s*["']\s*#([^"']*)/.exec(attributes) : null;
  if (link) named.push([link[1], 'in place']);
  return named.flatMap(([name, drawn]) => {
    const target = byId.get(name);
    return target && !/Gradient$/.test(target.tag) ? [{ target, drawn }] : [];
  });
}

/** Elements whose link is drawn; that of `a` leads elsewhere. */
const inPlace: ReadonlySet<string> = new Set(['use', 'pattern', 'textPath', 'tref']);

/** Read from anywhere in a file: what is in no style sheet has no braces. */
export function styleReferences(text: string): StyleReferences {
  const styles = new Map<string, NamedReference[]>();
  for (const rule of text.split('}')) {
    const brace = rule.lastIndexOf('{');
    const references = brace < 0 ? [] : paintedWith(rule.slice(brace));
    if (references.length === 0) continue;
    const selector = rule.slice(Math.max(0, brace - longestSelector), brace).replace(/^[\s\S]*>/, '');
    const names = /[[:]/.test(selector) ? ['*'] : (selector.match(/[.#]?[\w-]+|\*/g) ?? []);
    for (const name of names) styles.set(name, [...(styles.get(name) ?? []), ...references]);
  }
  return styles;
}

/** Of longer ones the end counts. */
const longestSelector = 1000;

function paintedWith(declarations: string): NamedReference[] {
  return Array.from(declarations.matchAll(/url\(\s*["']?#([^"')\s]+)/gi), ({ 1: id, index }) => {
    const property = declarations.slice(Math.max(0, index - 40), index);
    return [id, /\bmarker(-mid)?\s*[:=]\s*["']?[^;"']*$/.test(property) ? 'for each corner' : 'for each element'];
  });
}
