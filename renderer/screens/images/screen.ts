import type { Screen } from '../../shared/registry.js';
import { state } from '../../shared/state.svelte.js';
import { importChosen } from './actions.js';
import Images from './Images.svelte';
import { images } from './images.svelte.js';

export const imagesScreen: Screen = {
  id: 'images',
  title: 'Images',
  icon: 'M4 6l8-3 8 3v12l-8 3-8-3zM4 6l8 3 8-3M12 9v12',
  component: Images,
  commands: [
    { id: 'images.import', title: 'Import kernel images...', keys: 'Ctrl+O', run: importChosen },
    {
      id: 'images.build',
      title: 'Build kernels...',
      keys: 'Ctrl+B',
      run: () => {
        state.screen = 'images';
        images.building = true;
      },
    },
  ],
};
