import type { Screen } from '../../shared/registry.js';
import { state } from '../../shared/state.svelte.js';
import { askToBoot, close, order } from './actions.js';
import Console from './Console.svelte';
import { consoles, currentGuest } from './guests.svelte.js';

export const consoleScreen: Screen = {
  id: 'console',
  title: 'Console',
  icon: 'M3 5h18v14H3zM7 9l3 3-3 3M12 15h5',
  component: Console,
  commands: [
    { id: 'console.boot', title: 'Boot an image...', run: () => askToBoot() },
    {
      id: 'console.split',
      title: 'Show guests side by side, or in one row of tabs',
      run: () => {
        state.screen = 'console';
        consoles.split = !consoles.split;
      },
    },
    {
      id: 'console.pause',
      title: 'Pause the guest',
      run: () => order(currentGuest(), 'console.pause'),
    },
    {
      id: 'console.resume',
      title: 'Resume the guest',
      run: () => order(currentGuest(), 'console.resume'),
    },
    {
      id: 'console.reset',
      title: 'Reset the guest',
      run: () => order(currentGuest(), 'console.reset'),
    },
    {
      id: 'console.stop',
      title: 'Stop the guest',
      run: () => order(currentGuest(), 'console.stop'),
    },
    {
      id: 'console.close',
      title: 'End the guest and close its console',
      run: () => {
        const guest = currentGuest();
        if (guest) close(guest);
      },
    },
  ],
};
