/**
 * Whether the memory of an array was handed over to a worker, or transferred otherwise. Such an array looks empty;
 * `ArrayBuffer.prototype.detached`, which would say it, is missing from Node 20.
 */
export function isDetached(array: { readonly length: number; at(index: number): unknown }): boolean {
  if (array.length > 0) return false;
  try {
    array.at(0);
    return false;
  } catch {
    return true;
  }
}
