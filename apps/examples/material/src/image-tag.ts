/** A PNG as a picture in a page, its pixels unsmoothed. */
export function imageTag(png: Buffer, description: string, width: number, height: number): string {
  const source = `data:image/png;base64,${png.toString('base64')}`;
  return `<img src="${source}" alt="${description}" width="${width}" height="${height}" style="image-rendering: pixelated">`;
}
