import type { Screen } from '../../shared/registry.js';
import { state } from '../../shared/state.svelte.js';
import { runStandard } from './actions.svelte.js';
import Experiments from './Experiments.svelte';
import { experiments } from './experiments.svelte.js';

export const experimentsScreen: Screen = {
  id: 'experiments',
  title: 'Experiments',
  icon: 'M9 3h6M10 3v6L5 19a1.5 1.5 0 0 0 1.4 2h11.2A1.5 1.5 0 0 0 19 19l-5-10V3M8 14h8',
  component: Experiments,
  commands: [
    {
      id: 'experiments.new',
      title: 'New experiment...',
      keys: 'Ctrl+N',
      run: () => {
        state.screen = 'experiments';
        experiments.composing = true;
      },
    },
    {
      id: 'experiments.standard',
      title: 'Run the standard experiment',
      run: () => void runStandard(),
    },
  ],
};
