import type { ISearchDecorationOptions } from '@xterm/addon-search';
import type { ITheme } from '@xterm/xterm';

/** Colours of a terminal, after theme.css; xterm needs them as values. */
const light: ITheme = {
  ...{ background: '#ffffff', foreground: '#1a1d23', cursor: '#0b5cad' },
  ...{ cursorAccent: '#ffffff', selectionBackground: '#b9d8f5' },
  ...{ black: '#1a1d23', red: '#b3261e', green: '#0b6b4c', yellow: '#8a5a00' },
  ...{ blue: '#0b5cad', magenta: '#a5477b', cyan: '#00695c', white: '#59606d' },
  ...{ brightBlack: '#59606d', brightRed: '#d0342c', brightGreen: '#00795a' },
  ...{ brightYellow: '#a66d00', brightBlue: '#1a73c9', brightMagenta: '#b85a8c' },
  ...{ brightCyan: '#00838f', brightWhite: '#343943' },
};

const dark: ITheme = {
  ...{ background: '#16181d', foreground: '#e4e7ec', cursor: '#6cb2f5' },
  ...{ cursorAccent: '#16181d', selectionBackground: '#2f4f73' },
  ...{ black: '#343943', red: '#ff8a80', green: '#4cc9a0', yellow: '#f2b84b' },
  ...{ blue: '#6cb2f5', magenta: '#cc79a7', cyan: '#56c8d8', white: '#e4e7ec' },
  ...{ brightBlack: '#a0a8b5', brightRed: '#ffab9f', brightGreen: '#7fdcbf' },
  ...{ brightYellow: '#ffd27a', brightBlue: '#9ccbfa', brightMagenta: '#e0a3c4' },
  ...{ brightCyan: '#8adbe6', brightWhite: '#ffffff' },
};

const isDark = window.matchMedia('(prefers-color-scheme: dark)');

/** How matches of a search are marked, in the theme that there is now. */
export function matchColours(): ISearchDecorationOptions {
  const [match, active] = isDark.matches ? ['#5c4a1e', '#8a5a00'] : ['#f6e3b4', '#f2b84b'];
  return {
    ...{ matchBackground: match, matchOverviewRuler: match },
    ...{ activeMatchBackground: active, activeMatchColorOverviewRuler: active },
  };
}

/** The palette now, and the next one each time the theme changes. Returns what ends it. */
export function followTheme(apply: (theme: ITheme) => void): () => void {
  const change = (): void => apply(isDark.matches ? dark : light);
  change();
  isDark.addEventListener('change', change);
  return () => isDark.removeEventListener('change', change);
}
