import { type BytePixels, byteTable, throughTable } from './byte-pixels';

/** Only the highest `bits` of each byte (Pillow `ImageOps.posterize`). */
export function posterize(picture: BytePixels, bits: number): BytePixels {
  const mask = 256 - 2 ** (8 - bits);
  return throughTable(picture, [byteTable((value) => value & mask)]);
}

/** What is as bright as the threshold or brighter is turned to its negative (`ImageOps.solarize`). */
export function solarize(picture: BytePixels, threshold: number): BytePixels {
  return throughTable(picture, [byteTable((value) => (value < threshold ? value : 255 - value))]);
}

/** Each channel stretched, so that its darkest byte is 0 and its brightest 255 (`ImageOps.autocontrast`). */
export function autoContrast(picture: BytePixels): BytePixels {
  return throughTable(
    picture,
    histograms(picture).map((counts) => {
      const low = counts.findIndex((count) => count > 0);
      const high = counts.findLastIndex((count) => count > 0);
      if (high <= low) return byteTable((value) => value);
      const scale = 255 / (high - low);
      return byteTable((value) => value * scale + -low * scale);
    }),
  );
}

/** Each channel's bytes spread, so that all are about as frequent (`ImageOps.equalize`). */
export function equalize(picture: BytePixels): BytePixels {
  return throughTable(
    picture,
    histograms(picture).map((counts) => {
      const last = counts.findLast((count) => count > 0) ?? 0;
      const step = Math.floor((picture.data.length / picture.channels - last) / 255);
      if (step === 0) return byteTable((value) => value);
      let below = Math.floor(step / 2);
      return byteTable((value) => {
        const spread = Math.floor(below / step);
        below += counts[value];
        return spread;
      });
    }),
  );
}

function histograms({ data, channels }: BytePixels): Int32Array[] {
  const counts = Array.from({ length: channels }, () => new Int32Array(256));
  data.forEach((value, at) => {
    counts[at % channels][value]++;
  });
  return counts;
}
