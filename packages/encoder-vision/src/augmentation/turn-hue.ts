import type { BytePixels } from './byte-pixels';

/**
 * Hue turned by a share of the circle, as torchvision's `adjust_hue` does through Pillow's mode HSV, of whose three bytes hue and
 * saturation are cut off and what comes back is rounded.
 */
export function turnHue(picture: BytePixels, by: number): BytePixels {
  if (picture.channels === 1) return picture;
  const turn = Math.trunc(by * 255);
  const data = picture.data.slice();
  for (let at = 0; at < data.length; at += 3) {
    const [hue, saturation, value] = toHsv(data[at], data[at + 1], data[at + 2]);
    if (saturation === 0) data.fill(value, at, at + 3);
    else data.set(toRgb((hue + turn) & 255, saturation, value), at);
  }
  return { ...picture, data };
}

type Triple = readonly [number, number, number];

/** Hue, saturation and value in bytes (Smith 1978, "Color gamut transform pairs", the hexcone). */
function toHsv(red: number, green: number, blue: number): Triple {
  const most = Math.max(red, green, blue);
  const chroma = most - Math.min(red, green, blue);
  if (chroma === 0) return [0, 0, most];
  const { fround } = Math;
  const from = (channel: number) => fround((most - channel) / chroma);
  const sector =
    red === most
      ? fround(from(blue) - from(green))
      : green === most
        ? fround(2 + from(red) - from(blue))
        : fround(4 + from(green) - from(red));
  const hue = fround((sector / 6 + 1) % 1);
  return [Math.trunc(hue * 255), Math.trunc(fround(chroma / most) * 255), most];
}

/** Of a colour that is not grey. */
function toRgb(hue: number, saturation: number, value: number): Triple {
  const { fround } = Math;
  const position = (hue * 6) / 255;
  const sector = Math.floor(position);
  const rest = fround(position - sector);
  const share = fround(saturation / 255);
  const of = (part: number) => Math.min(Math.max(Math.round(fround(value * (1 - part))), 0), 255);
  const [low, falling, rising] = [of(share), of(share * rest), of(share * (1 - rest))];
  const sectors: readonly Triple[] = [
    [value, rising, low],
    [falling, value, low],
    [low, value, rising],
    [low, falling, value],
    [rising, low, value],
    [value, low, falling],
  ];
  return sectors[sector % 6];
}
