import { extname } from 'node:path';

/** What a file holds, by the end of its name. */
export type Media = 'picture' | 'sound';

const pictures = [
  '.png',
  '.jpg',
  '.jpeg',
  '.jpe',
  '.jfif',
  '.webp',
  '.gif',
  '.tif',
  '.tiff',
  '.avif',
  '.svg',
  '.bmp',
  '.heic',
  '.jp2',
];
const sounds = [
  '.wav',
  '.wave',
  '.flac',
  '.mp3',
  '.ogg',
  '.oga',
  '.opus',
  '.aif',
  '.aiff',
  '.aifc',
  '.au',
  '.snd',
  '.m4a',
  '.aac',
  '.wma',
];

const media: ReadonlyMap<string, Media> = new Map([
  ...pictures.map((end) => [end, 'picture'] as const),
  ...sounds.map((end) => [end, 'sound'] as const),
]);

/** What a path or the address of a file names, in capitals or not; undefined for what is neither a picture nor a sound. */
export function mediaOfName(name: string): Media | undefined {
  const data = /^data:(image|audio)\//i.exec(name)?.[1].toLowerCase();
  if (data !== undefined) return data === 'image' ? 'picture' : 'sound';
  const path = isAddress(name) ? name.replace(/[?#].*$/s, '') : name;
  return media.get(extname(path.trim()).toLowerCase());
}

/** Whether a text is the address of something on the web. */
export function isAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}
/** What bytes are the beginning of, by the marks that files begin with. */
export function mediaOfBytes(bytes: Uint8Array): Media | undefined {
  const head = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
  if (
    /^(\x89PNG|\xff\xd8\xff|GIF8|BM|II\*\0|MM\0\*|RIFF....WEBP|....ftyp(avif|heic|mif1)|\s*<(\?xml|svg))/s.test(head)
  ) {
    return 'picture';
  }
  return /^(RIFF....WAVE|RF64|fLaC|OggS|ID3|\xff[\xe2-\xfb]|FORM....AIF|\.snd)/s.test(head) ? 'sound' : undefined;
}
