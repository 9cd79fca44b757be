import { type SvgElement, svgElements } from './svg-elements';
import { type Reference, referencesOf, styleReferences } from './svg-references';

/** What rendering a drawing comes to, in letters of its file: some microseconds each. */
export interface DrawingCost {
  /** Of every element once, as it stands there. */
  readonly once: number;
  /** As it is drawn, Infinity where the drawing refers to itself. */
  readonly drawn: number;
}

/**
 * What rendering an SVG file comes to: what is referred to counts as often as it is drawn, as if it stood there each time. A
 * kilobyte of groups that use one another ten times each is billions.
 */
export function drawingCost(text: string): DrawingCost {
  const elements = svgElements(text);
  const byId = new Map([...elements].reverse().map((element) => [element.id, element])); // the first of a name counts
  const styles = styleReferences(text);
  const costs = new Map<SvgElement, Cost>();
  const entered = new Set<SvgElement>();
  const once = elements.reduce((sum, { letters }) => sum + letters, 0);
  const path = elements.slice(0, 1); // no recursion: elements may be as deep as the file is long
  while (path.length > 0) {
    const element = path[path.length - 1];
    const references = referencesOf(element, styles, byId);
    const inner = [...element.children, ...references.map(({ target }) => target)].filter((own) => !costs.has(own));
    if (inner.length === 0 || costs.has(element)) {
      if (!costs.has(element)) costs.set(element, costOf(element, references, costs));
      path.pop();
    } else {
      entered.add(element);
      if (inner.some((own) => entered.has(own))) return { once, drawn: Number.POSITIVE_INFINITY };
      for (const own of inner) path.push(own);
    }
  }
  return { once, drawn: elements.length > 0 ? costs.get(elements[0])!.letters : 0 };
}

interface Cost {
  /** Elements that are drawn. */
  readonly count: number;
  readonly letters: number;
}

/** A corner of a line takes two letters at least: `h1`. */
const lettersOfCorner = 2;

function costOf(element: SvgElement, references: readonly Reference[], costs: ReadonlyMap<SvgElement, Cost>): Cost {
  const inPlace = references.filter(({ drawn }) => drawn === 'in place').map(({ target }) => target);
  const inner = [...element.children, ...inPlace].map((own) => costs.get(own)!);
  const count = inner.reduce((sum, own) => sum + own.count, 1);
  const letters = inner.reduce((sum, own) => sum + own.letters, element.letters);
  const times = { 'in place': 0, 'for each element': count, 'for each corner': letters / lettersOfCorner };
  const referred = references.map(({ target, drawn }) => times[drawn] * costs.get(target)!.letters);
  return { count, letters: referred.reduce((sum, own) => sum + own, letters) };
}
