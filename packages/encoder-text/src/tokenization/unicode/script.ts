import { CodePointSet } from './code-point-set';
import { scripted } from './tables';

/**
 * The script of a code point as the pre-tokenizer `UnicodeScripts` has it, by Unicode 9.0: kana are Han, and what has no script,
 * or is a space, is `'Any'`.
 */
export function scriptOf(point: number): string {
  if (point === 0x20) return 'Any';
  let script = known.get(point);
  if (script === undefined) {
    script = findScript(point);
    known.set(point, script);
  }
  return script;
}

const known = new Map<number, string>([
  [0x30fc, 'Han'],
  // Unicode has changed its mind about these.
  [0x589, 'Common'],
  [0x61c, 'Common'],
  [0x953, 'Devanagari'],
  [0x954, 'Devanagari'],
]);
let hasScript: CodePointSet | undefined;
let patterns: readonly (readonly [string, RegExp])[] | undefined;

function findScript(point: number): string {
  hasScript ??= new CodePointSet(scripted);
  if (!hasScript.has(point)) return 'Any';
  patterns ??= names
    .trim()
    .split(/\s+/)
    .map((name) => [name, new RegExp(`^\\p{Script=${name}}`, 'u')]);
  const character = String.fromCodePoint(point);
  const name = patterns.find(([, pattern]) => pattern.test(character))?.[0] ?? 'Any';
  return name === 'Hiragana' || name === 'Katakana' ? 'Han' : name;
}

const names = `
  Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali Bhaiksuki
  Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee
  Common Coptic Cuneiform Cypriot Cyrillic Deseret Devanagari Duployan Egyptian_Hieroglyphs Elbasan Ethiopic
  Georgian Glagolitic Gothic Grantha Greek Gujarati Gurmukhi Han Hangul Hanunoo Hatran Hebrew Hiragana
  Imperial_Aramaic Inherited Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kannada Katakana
  Kayah_Li Kharoshthi Khmer Khojki Khudawadi Lao Latin Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian
  Mahajani Malayalam Mandaic Manichaean Marchen Meetei_Mayek Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs
  Miao Modi Mongolian Mro Multani Myanmar Nabataean New_Tai_Lue Newa Nko Ogham Ol_Chiki Old_Hungarian Old_Italic
  Old_North_Arabian Old_Permic Old_Persian Old_South_Arabian Old_Turkic Oriya Osage Osmanya Pahawh_Hmong
  Palmyrene Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan Saurashtra Sharada Shavian
  Siddham SignWriting Sinhala Sora_Sompeng Sundanese Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham
  Tai_Viet Takri Tamil Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta Ugaritic Vai Warang_Citi Yi
`;
