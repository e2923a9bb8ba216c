import type { Screen } from '../../shared/registry.js';
import { state } from '../../shared/state.svelte.js';
import Patch from './Patch.svelte';
import { patch } from './patch.svelte.js';

export const patchScreen: Screen = {
  id: 'patch',
  title: 'Patch',
  icon: 'M8 4L3 12l5 8M16 4l5 8-5 8M9 12h6M12 9v6',
  component: Patch,
  commands: [
    { id: 'patch.sites', title: 'Show the patch sites of a kernel', run: () => show('Sites') },
    {
      id: 'patch.constants',
      title: 'Show which variables could be immediates',
      run: () => show('Constants'),
    },
    { id: 'patch.result', title: 'Show what patching made', run: () => show('Result') },
    {
      id: 'patch.changes',
      title: 'Show what a kernel rewrote of itself',
      run: () => show('Changes at boot'),
    },
  ],
};

function show(tab: string): void {
  state.screen = 'patch';
  patch.tab = tab;
}
