/** What the weights of a Hugging Face folder are called, in the order in which they are looked for. */
export const weightFileNames = ['model.safetensors', 'model.safetensors.index.json'] as const;
