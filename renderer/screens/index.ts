import type { Screen } from '../shared/registry.js';
import { compareScreen } from './compare/screen.js';
import { consoleScreen } from './console/screen.js';
import { experimentsScreen } from './experiments/screen.js';
import { imagesScreen } from './images/screen.js';
import { mergeScreen } from './merge/screen.js';
import { patchScreen } from './patch/screen.js';
import { settingsScreen } from './settings/screen.js';

/** Every screen, in the activity bar's order: one line a screen. */
export const screens: readonly Screen[] = [
  imagesScreen,
  mergeScreen,
  patchScreen,
  consoleScreen,
  experimentsScreen,
  compareScreen,
  settingsScreen,
];
