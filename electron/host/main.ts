import { orderFrame, type ReportFrame } from '../../engine/contract/app/wire.js';
import { bootWith } from './boot-with.js';
import { createHost } from './host.js';

/**
 * The process of the engine host: an Electron utilityProcess that runs the
 * engine. `process.parentPort` leads to main, which pings, grants files and
 * hands over a MessagePort for each window.
 */

const host = createHost(process.argv[2] || undefined);
const report = (frame: ReportFrame): void => process.parentPort.postMessage(frame);

process.parentPort.on('message', ({ data, ports }) => {
  const order = orderFrame.parse(data);
  switch (order.kind) {
    case 'ping':
      return report({ kind: 'pong', id: order.id });
    case 'grant':
      host.grants.add(order.token, order.path, order.use);
      return report({ kind: 'granted', token: order.token });
    case 'boot-with':
      return bootWith(order.files);
    case 'stop':
      void host.stop().finally(() => process.exit(0));
      return;
    case 'connect': {
      const [port] = ports;
      if (!port) return;
      const connection = host.connect({ send: (frame) => port.postMessage(frame) });
      port.on('message', (event) => connection.receive(event.data));
      port.on('close', () => host.disconnect(connection));
      port.start();
    }
  }
});
