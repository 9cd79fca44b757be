/** Formats that are read. */
export type AudioFormat = 'WAV' | 'AIFF' | 'AU' | 'FLAC' | 'MP3' | 'Ogg FLAC' | 'Ogg Vorbis' | 'Ogg Opus';

/** What the first bytes of a file announce: a format that is read, the name of one that is not, or nothing that is known. */
export type AnnouncedFormat = { readonly format: AudioFormat; readonly start: number } | { readonly other: string };

/**
 * Tells the format of sound by its first bytes, whatever the file is called. ID3v2 tags before them are passed over.
 *
 * @returns the format and where it starts; undefined for bytes of no format that is known
 */
export function audioFormat(bytes: Uint8Array): AnnouncedFormat | undefined {
  const start = id3Length(bytes);
  const at = (offset: number, text: string) => standsAt(bytes, start + offset, text);
  if (['RIFF', 'RIFX', 'RF64', 'BW64'].some((id) => at(0, id))) {
    return at(8, 'WAVE') ? { format: 'WAV', start } : { other: at(8, 'AVI ') ? 'AVI' : 'RIFF without sound' };
  }
  if (at(0, 'FORM') && (at(8, 'AIFF') || at(8, 'AIFC'))) return { format: 'AIFF', start };
  if (at(0, '.snd') || at(0, 'dns.')) return { format: 'AU', start };
  if (at(0, 'fLaC')) return { format: 'FLAC', start };
  if (at(0, 'OggS')) return oggFormat(bytes, start);
  const other = otherFormats.find(([offset, id]) => at(offset, id));
  if (other) return { other: other[2] };
  if (isAdts(bytes, start)) return { other: 'AAC' };
  if (isMpegFrame(bytes, start)) return { format: 'MP3', start };
  // A tag is what most files of this format begin with; the decoder looks for the first frame behind it.
  if (start > 0) return { format: 'MP3', start: 0 };
  return undefined;
}

/** [offset, what stands there, name] */
const otherFormats: readonly (readonly [offset: number, id: string, name: string])[] = [
  [0, 'riff\x2e\x91\xcf\x11', 'W64'],
  [0, 'caff', 'CAF'],
  [4, 'ftypM4A', 'M4A'],
  [4, 'ftypqt', 'QuickTime'],
  [4, 'ftyp', 'MP4'],
  [0, '#!AMR', 'AMR'],
  [0, '\x30\x26\xb2\x75\x8e\x66\xcf\x11', 'WMA'],
  [0, '\x1a\x45\xdf\xa3', 'Matroska or WebM'],
  [0, 'wvpk', 'WavPack'],
  [0, 'MAC ', "Monkey's Audio"],
  [0, 'TTA1', 'True Audio'],
  [0, 'MPCK', 'Musepack'],
  [0, 'MP+', 'Musepack'],
  [0, 'DSD ', 'DSF'],
  [0, 'FRM8', 'DSDIFF'],
  [0, 'FORM', 'IFF'],
  [0, 'NIST_1A', 'NIST SPHERE'],
  [0, 'Creative Voice File', 'VOC'],
  [0, '2BIT', 'AVR'],
  [0, ' paf', 'PAF'],
  [0, 'fap ', 'PAF'],
  [0, '\x64\xa3', 'IRCAM'],
  [2, '\xa3\x64', 'IRCAM'],
  [0, 'MThd', 'MIDI'],
  [0, '.RMF', 'RealMedia'],
  [0, 'FLV', 'Flash video'],
];

function oggFormat(bytes: Uint8Array, start: number): AnnouncedFormat {
  const packet = start + 27 + (bytes[start + 26] ?? 0); // a page's header, then the lengths of its segments
  if (standsAt(bytes, packet, '\x01vorbis')) return { format: 'Ogg Vorbis', start };
  if (standsAt(bytes, packet, 'OpusHead')) return { format: 'Ogg Opus', start };
  if (standsAt(bytes, packet, '\x7fFLAC')) return { format: 'Ogg FLAC', start };
  if (standsAt(bytes, packet, 'Speex')) return { other: 'Ogg Speex' };
  return { other: 'Ogg without Vorbis, Opus or FLAC' };
}

/** Bytes of the ID3v2 tags that a file begins with (ID3v2.4, section 3.1). */
function id3Length(bytes: Uint8Array): number {
  let start = 0;
  while (standsAt(bytes, start, 'ID3') && start + 10 <= bytes.length) {
    const [a, b, c, d] = bytes.subarray(start + 6, start + 10);
    const footer = (bytes[start + 5] & 0x10) !== 0 ? 10 : 0;
    start += 10 + ((a & 0x7f) << 21) + ((b & 0x7f) << 14) + ((c & 0x7f) << 7) + (d & 0x7f) + footer;
  }
  return start;
}

/** Whether a frame of MPEG audio begins here (ISO 11172-3, section 2.4.1.3), by what its header must not say. */
function isMpegFrame(bytes: Uint8Array, start: number): boolean {
  const [sync, kind, rates] = bytes.subarray(start, start + 3);
  const isSync = sync === 0xff && (kind & 0xe0) === 0xe0;
  const isKind = (kind & 0x18) !== 0x08 && (kind & 0x06) !== 0;
  return isSync && isKind && (rates & 0xf0) !== 0xf0 && (rates & 0x0c) !== 0x0c;
}

/** AAC in a stream of its own has the sync word of MPEG audio, and layer 0. */
function isAdts(bytes: Uint8Array, start: number): boolean {
  return bytes[start] === 0xff && (bytes[start + 1] & 0xf6) === 0xf0;
}

function standsAt(bytes: Uint8Array, start: number, text: string): boolean {
  if (start + text.length > bytes.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}
