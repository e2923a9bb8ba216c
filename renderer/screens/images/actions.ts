import type { Image } from '../../../engine/contract/app/images.js';
import type { GrantedFile, RecentItem } from '../../../engine/contract/app/shell.js';
import { client } from '../../shared/client.js';
import { report, state, toast } from '../../shared/state.svelte.js';
import { images } from './images.svelte.js';

export function importChosen(): void {
  window.shell.chooseFiles('kernels').then(importFiles).catch(report);
}

export async function importFiles(files: readonly GrantedFile[]): Promise<void> {
  state.screen = 'images';
  for (const { token } of files) {
    try {
      const { finished } = await client.startJob('images.import', { file: token });
      const { image, existed } = await finished;
      images.selected = image.sha256;
      toast(existed ? `${image.name} was there already` : `Imported ${image.name}`);
    } catch (error) {
      report(error);
    }
  }
}

/** Opens an image of the workspace, or imports a file again that was imported before. */
export async function openRecent({ id, image }: RecentItem): Promise<void> {
  try {
    if (image === null) {
      const file = await window.shell.openRecent(id);
      if (file) await importFiles([file]);
      return;
    }
    await client.call('images.find', { sha256: image });
    state.screen = 'images';
    images.selected = image;
  } catch (error) {
    report(error);
  }
}

export async function removeImage({ sha256, name }: Image): Promise<void> {
  try {
    await client.call('images.remove', { sha256 });
    toast(`Deleted ${name}`, { undo: () => void restore(sha256) });
  } catch (error) {
    report(error);
  }
}

async function restore(sha256: string): Promise<void> {
  try {
    const { restored } = await client.call('images.restore', { sha256 });
    if (!restored) toast('It is too late: the image is gone');
  } catch (error) {
    report(error);
  }
}

/** Whether it has the new name now. */
export async function renameImage({ sha256 }: Image, name: string): Promise<boolean> {
  try {
    await client.call('images.rename', { sha256, name });
    return true;
  } catch (error) {
    report(error);
    return false;
  }
}
