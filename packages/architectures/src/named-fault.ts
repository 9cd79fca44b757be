import { PolymodalError } from '@polymodal/core';

/** What runs, whose faults say what it was about: `recording 3`. */
export async function namedFault<T>(where: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw PolymodalError.isInstance(error) ? error.at([where, error.where].filter(Boolean).join(', ')) : error;
  }
}
