import { sitesFormats, type SitesFormat } from '../../../engine/contract/app/patch.js';
import { client } from '../../shared/client.js';
import { report, toast } from '../../shared/state.svelte.js';
import { patch, shown } from './patch.svelte.js';

export { sitesFormats };

/** Saves every site of the kernel that is shown where the user says. */
export async function exportSites(format: SitesFormat): Promise<void> {
  const { image, list } = patch;
  if (image === undefined) return;
  const { target } = shown;
  const name = list?.find(({ sha256 }) => sha256 === image)?.name ?? 'kernel';
  try {
    const file = await window.shell.chooseSaveFile(`${name}-sites.${format}`);
    if (!file) return;
    await client.call('patch.export', { image, target, format, file: file.token });
    toast(`Saved ${file.name}`);
  } catch (error) {
    report(error);
  }
}
