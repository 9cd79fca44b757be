import { ConformanceError } from '../conformance-error';

/** What a check says of a part that it should fail. Used where the kit itself is tested. */
export async function complaint(check: () => unknown): Promise<string> {
  try {
    await check();
  } catch (error) {
    if (error instanceof ConformanceError) return error.message;
    throw error;
  }
  throw new Error('The check let the part pass.');
}
