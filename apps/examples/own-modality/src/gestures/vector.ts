/** Three numbers: metres, or a direction. */
export type Vector = readonly [x: number, y: number, z: number];

/** Turns a vector about an axis of length 1 (Rodrigues' formula). */
export function rotate(vector: Vector, axis: Vector, angle: number): Vector {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const along = dot(axis, vector) * (1 - cos);
  const [x, y, z] = cross(axis, vector);
  return [
    vector[0] * cos + x * sin + axis[0] * along,
    vector[1] * cos + y * sin + axis[1] * along,
    vector[2] * cos + z * sin + axis[2] * along,
  ];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
