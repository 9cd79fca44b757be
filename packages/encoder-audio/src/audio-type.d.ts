declare module 'audio-type' {
  /** The format that the first bytes announce (`wav`, `mp3`, `flac`, `oga`, `opus`, `m4a`, …). Ignores byteOffset. */
  export default function audioType(bytes: Uint8Array): string | undefined;
}
