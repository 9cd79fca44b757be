import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** An emoji, as the three packages know it. */
export interface Emoji {
  readonly emoji: string;
  readonly name: string;
  /** Words that lead to it in a search, those of its name left out. */
  readonly keywords: readonly string[];
  /** The year's edition of emoji that it came with, such as 13.1. */
  readonly version: number;
  readonly hasSkinTones: boolean;
  /** How many characters of Unicode make it up. */
  readonly codePoints: number;
  /** The first of these: people who row a boat have it in common, men and women alike. */
  readonly family: string;
  /** Its place on a keyboard: what is to be learned. */
  readonly group: string;
  /** An SVG document; undefined for some forty families and for emoji that are newer than the pictures. */
  readonly picture: string | undefined;
}

const require = createRequire(import.meta.url);

/**
 * The emoji of Unicode 17 but for its flags, in the order of keyboards. All flags are called "flag …", and no picture of them is in the
 * package: nothing would have to be learned.
 */
export function readEmoji(): Emoji[] {
  const described = json('unicode-emoji-json/data-by-emoji.json') as Readonly<Record<string, Described>>;
  const keywords = json('emojilib') as Readonly<Record<string, readonly string[]>>;
  const pictures = readPictures();
  return Object.entries(described)
    .filter(([, { group }]) => group !== 'Flags')
    .map(([emoji, { name, slug, group, emoji_version, skin_tone_support }]) => {
      const codes = [...emoji].map((character) => character.codePointAt(0)!.toString(16));
      return {
        emoji,
        name,
        keywords: (keywords[emoji] ?? []).filter((own) => own !== slug).map((own) => own.replaceAll('_', ' ')),
        version: Number(emoji_version),
        hasSkinTones: skin_tone_support,
        codePoints: codes.length,
        family: codes[0]!.toUpperCase(),
        group,
        picture: pictures(codes, slug),
      };
    });
}

interface Described {
  readonly name: string;
  readonly slug: string;
  readonly group: string;
  readonly emoji_version: string;
  readonly skin_tone_support: boolean;
}

/** What Iconify has of a set of pictures. */
interface PictureSet {
  readonly icons: Readonly<
    Record<string, { readonly body: string; readonly width?: number; readonly height?: number }>
  >;
  readonly width: number;
  readonly height: number;
}

/** The picture of code points, which the package writes with and without the variation selector FE0F, or by its name. */
function readPictures(): (codes: readonly string[], slug: string) => string | undefined {
  const { icons, width, height } = json('@iconify-json/fluent-emoji-flat/icons.json') as PictureSet;
  const names = json('@iconify-json/fluent-emoji-flat/chars.json') as Readonly<Record<string, string>>;
  return (codes, slug) => {
    const plain = codes.filter((code) => code !== 'fe0f');
    const name = names[codes.join('-')] ?? names[plain.join('-')] ?? slug.replaceAll('_', '-');
    const icon = icons[name];
    if (!icon) return undefined;
    const size = `${icon.width ?? width} ${icon.height ?? height}`;
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size}">${icon.body}</svg>`;
  };
}

function json(specifier: string): unknown {
  return JSON.parse(readFileSync(require.resolve(specifier), 'utf8'));
}
