import { type Processor, pointedSlot } from '@polymodal/core';

/** The slot of pictures into which a head points, whose processor then says where pixels lie. @throws as {@link pointedSlot} */
export function pictureSlot(of: string | undefined, processors: Readonly<Record<string, Processor>>): string {
  const expected = 'a slot of one picture a sample, whose processor tells where its pixels lie';
  return pointedSlot(of, processors, 'locatePixels', expected);
}
