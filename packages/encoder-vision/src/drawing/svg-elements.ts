/** An element of a drawing, as far as it tells what rendering it costs. */
export interface SvgElement {
  /** Without prefix. */
  readonly tag: string;
  readonly attributes: string;
  readonly id: string | undefined;
  readonly classes: readonly string[];
  readonly children: SvgElement[];
  /** Of its tags and its text, without those of its children; where an element of its kind costs more, as many as others take. */
  letters: number;
}

/**
 * The elements of an SVG file, in their order, in time that grows with its length. What is no well-formed XML, which no renderer
 * takes, gives some elements or other.
 */
export function svgElements(text: string): SvgElement[] {
  const elements: SvgElement[] = [];
  const open: SvgElement[] = [];
  for (let at = text.indexOf('<'); at >= 0; ) {
    const end = passedOver(text, at);
    tagAt.lastIndex = at;
    const [tag, closes, name, attributes, isEmpty] = (end === undefined && tagAt.exec(text)) || [];
    if (name !== undefined && !closes) {
      const element = elementOf(name, readable(attributes));
      elements.push(element);
      open.at(-1)?.children.push(element);
      open.push(element);
    }
    const next = text.indexOf('<', end ?? at + (tag?.length ?? 1));
    const own = open.at(-1);
    if (own && end === undefined) own.letters += (next < 0 ? text.length : next) - at;
    if (closes || isEmpty) open.pop();
    at = next;
  }
  return elements;
}

function elementOf(name: string, attributes: string): SvgElement {
  const id = /(?:^|[\s:])id\s*=\s*["']\s*([^"'\s]*)/.exec(attributes)?.[1];
  const classes = /(?:^|\s)class\s*=\s*["']\s*([^"']*)/.exec(attributes)?.[1].split(/\s+/) ?? [];
  const tag = name.replace(/^.*:/, '');
  return { tag, attributes, id, classes, children: [], letters: costly.get(tag) ?? 0 };
}

/** A mask is a picture of its own, a text is shaped. */
const costly: ReadonlyMap<string, number> = new Map([
  ['mask', 1500],
  ['text', 400],
]);

/** A tag, whose attributes may have ">" in quotes, but nowhere "<". */
const tagAt = /<(\/?)([^\s<>/"'=]+)((?:[^"'<>/]|\/(?!>)|"[^"<]*"|'[^'<]*')*)(\/?)>/y;

/** Where a comment, a CDATA section, an instruction or a declaration ends; `undefined` for a tag. */
function passedOver(text: string, at: number): number | undefined {
  const kind = notTags.find(([start]) => text.startsWith(start, at));
  if (!kind) return undefined;
  const end = text.indexOf(kind[1], at + kind[0].length);
  return end < 0 ? text.length : end;
}

const notTags = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
  ['<!', '>'],
] as const;

/** With letters that are given by their numbers. */
function readable(attributes: string): string {
  if (!/&#|\\/.test(attributes)) return attributes;
  const letter = (code: number) => (code <= 0x10ffff ? String.fromCodePoint(code) : '');
  return attributes
    .replace(/&#(?:x([0-9a-f]+)|(\d+));/gi, (_, hex, decimal) =>
      letter(hex ? Number.parseInt(hex, 16) : Number(decimal)),
    )
    .replace(/\\([0-9a-f]{1,6})\s?/gi, (_, hex) => letter(Number.parseInt(hex, 16)));
}
