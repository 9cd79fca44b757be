/** What a package may add to Polymodal, each made from the template of its name. */
export const pluginKinds = ['modality', 'encoder', 'head', 'fusion'] as const;

export type PluginKind = (typeof pluginKinds)[number];

/** What it is, for whoever chooses. */
export const kindDescriptions: Readonly<Record<PluginKind, string>> = {
  modality: 'values of a kind of your own, with their processor and an encoder',
  encoder: 'another encoder for a modality that there is (of texts, to begin with)',
  head: 'what a model answers, with its target and loss',
  fusion: 'a way to join whatever modalities a sample has',
};
