/** The library that decodes pictures, loaded with the first of them: what starts a model does not wait for it. */
export async function loadSharp(): Promise<typeof import('sharp').default> {
  return (await import('sharp')).default;
}
