/** Made of node_modules when the window is bundled (scripts/package/licences.mjs). */
declare module 'virtual:licences' {
  const licences: readonly {
    readonly name: string;
    readonly version: string;
    readonly licence: string;
    readonly text: string | null;
  }[];
  export default licences;
}
