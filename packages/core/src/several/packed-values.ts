import { type Features, type HostTensor, padAndStack } from '../features';

/**
 * The features of several values as those of one: each stacked to (V, …), padded where values differ, beside the extents (V, rank)
 * that they had. {@link unpackValues} gives them back.
 */
export function packValues(values: readonly Features[]): Features {
  const packed: Record<string, HostTensor> = {};
  for (const name of Object.keys(values[0])) {
    const own = values.map((features) => features[name]);
    const extents = Int32Array.from(own.flatMap(({ shape }) => shape));
    packed[name] = padAndStack(own);
    packed[extentsOf(name)] = { data: extents, shape: [values.length, own[0].shape.length] };
  }
  return packed;
}

/** Whether features are those of several values. */
export function isPackedValues(features: Features): boolean {
  return Object.keys(features).some((name) => extentsOf(name) in features);
}

/** The features of each value, in their order; views of the packed ones where nothing was padded between their elements. */
export function unpackValues(packed: Features): Features[] {
  const names = Object.keys(packed).filter((name) => extentsOf(name) in packed);
  const [count] = packed[names[0]].shape;
  return Array.from({ length: count }, (_, index) =>
    Object.fromEntries(
      names.map((name) => {
        const { data, shape } = packed[extentsOf(name)];
        const rank = shape[1];
        return [name, cut(packed[name], index, Array.from(data.subarray(index * rank, (index + 1) * rank)))];
      }),
    ),
  );
}

function extentsOf(name: string): string {
  return `${name}/extents`; // no feature of a processor has a slash in its name
}

/** One of stacked tensors, as large as it was before it was padded. */
function cut(stacked: HostTensor, index: number, extent: readonly number[]): HostTensor {
  const { data, shape } = stacked;
  const [, ...padded] = shape;
  const size = padded.reduce((product, length) => product * length, 1);
  const whole = data.subarray(index * size, (index + 1) * size);
  const kept = extent.reduce((product, length) => product * length, 1);
  if (extent.slice(1).every((length, axis) => length === padded[axis + 1])) {
    return { ...stacked, data: whole.subarray(0, kept), shape: extent };
  }
  const values = data.slice(0, kept);
  const width = extent[extent.length - 1];
  for (let line = 0; line * width < kept; line++) {
    let position = 0; // where the line begins among the padded elements
    let stride = padded[padded.length - 1];
    let rest = line;
    for (let axis = extent.length - 2; axis >= 0; axis--) {
      position += (rest % extent[axis]) * stride;
      rest = Math.floor(rest / extent[axis]);
      stride *= padded[axis];
    }
    values.set(whole.subarray(position, position + width), line * width);
  }
  return { ...stacked, data: values, shape: extent };
}
