import type { Screen } from '../../shared/registry.js';
import { state } from '../../shared/state.svelte.js';
import Merge from './Merge.svelte';
import { merge } from './merge.svelte.js';

export const mergeScreen: Screen = {
  id: 'merge',
  title: 'Merge',
  icon: 'M5 4c0 6 7 5 7 11v5M19 4c0 6-7 5-7 11M9 17l3 3 3-3',
  component: Merge,
  commands: [
    {
      id: 'merge.functions',
      title: 'Show the functions of two kernels',
      run: () => show('Functions'),
    },
    { id: 'merge.map', title: 'Show the map of two kernels', run: () => show('Map') },
    { id: 'merge.sizes', title: 'Show what a multi-image is made of', run: () => show('Sizes') },
  ],
};

function show(tab: string): void {
  state.screen = 'merge';
  merge.tab = tab;
}
