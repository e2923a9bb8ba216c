import { describe, expect, it } from 'vitest';
import { pluginLayer } from '../../../engine/measure/plugin.js';

describe('the plugin API layer', () => {
  it.each([
    ['QEMU emulator version 4.2.1', 'api-v1'],
    ['QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)', 'api-v1'],
    ['QEMU emulator version 8.2.0', 'api-v1'],
    ['QEMU emulator version 9.0.0', 'api-v2'],
    ['QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2)', 'api-v2'],
  ])('of %s is %s', (version, layer) => {
    expect(pluginLayer(version)).toBe(layer);
  });

  it.each(['QEMU emulator version 4.1.0', 'something else'])('of %s is refused', (version) => {
    expect(() => pluginLayer(version)).toThrow(
      expect.objectContaining({ code: 'plugin-api-unknown' }),
    );
  });
});
