/** A kconfig fragment for a build: a file that was chosen, or one that was written in the app. */
export type ChosenFragment =
  { readonly file: string; readonly name: string } | { readonly own: string };

/** With its ending, as the build's messages name it. */
export function nameOf(fragment: ChosenFragment): string {
  return 'own' in fragment ? `${fragment.own}.config` : fragment.name;
}

/** `mine`, `mine-2`, ...: the first that is not taken. */
export function unusedName(taken: readonly string[]): string {
  for (let i = 1; ; i++) {
    const name = i === 1 ? 'mine' : `mine-${i}`;
    if (!taken.includes(name)) return name;
  }
}
