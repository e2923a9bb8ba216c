import { portMessage } from '../../engine/contract/app/channels.js';
import { Client } from './host-client.js';

export { bodyOf, HostError } from './host-client.js';

/** The one client of this window. */
export const client = new Client();

/** Takes ports as the preload hands them over, and says that the window is ready for one. */
export function listenForHost(): void {
  window.addEventListener('message', ({ source, data, ports }) => {
    if (source === window && data === portMessage && ports[0]) client.connect(ports[0]);
  });
  window.postMessage('kbl-ready', window.location.origin);
}
