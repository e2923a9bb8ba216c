/**
 * Tells apart what Xen and its dom0 say on one serial line. Xen begins every line of its own
 * with `(XEN) `, dom0's console passes as it is, and a line of the one may stand in the middle of a
 * line of the other (Linux hands its console over in pieces of 16 bytes). Before the first such
 * line there is no dom0 yet: that is Xen's banner.
 *
 * A guest that prints the prefix is taken for Xen: who must know has two lines.
 */
export interface XenSplitter {
  push(bytes: Uint8Array): Voices;
  /** What is held because it may become a prefix: nothing more came. */
  flush(): Voices;
  /** Something is held. */
  readonly isHolding: boolean;
}

export interface Voices {
  guest: Uint8Array;
  hypervisor: Uint8Array;
}

const prefix = Buffer.from('(XEN) ');
/** A banner is half as long. A Xen that never prints its prefix has no line here. */
const bannerLimit = 1024;

export function createXenSplitter(): XenSplitter {
  let speaker: 'banner' | 'guest' | 'hypervisor' = 'banner';
  let bannerLeft = bannerLimit;
  let held: Buffer = Buffer.alloc(0);

  const push = (bytes: Uint8Array): Voices => {
    const all = Buffer.concat([held, bytes]);
    held = Buffer.alloc(0);
    const guest: Uint8Array[] = [];
    const hypervisor: Uint8Array[] = [];
    for (let at = 0; at < all.length;) {
      if (speaker === 'hypervisor') {
        const end = all.indexOf('\n', at) + 1 || all.length;
        hypervisor.push(all.subarray(at, end));
        if (all[end - 1] === 0x0a) speaker = 'guest';
        at = end;
        continue;
      }
      const found = all.indexOf(prefix, at);
      let end = found < 0 ? all.length - begunPrefix(all.subarray(at)) : found;
      if (speaker === 'banner' && end - at >= bannerLeft) {
        end = at + bannerLeft;
        hypervisor.push(all.subarray(at, end));
        speaker = 'guest';
        at = end;
        continue;
      }
      bannerLeft -= speaker === 'banner' ? end - at : 0;
      (speaker === 'banner' ? hypervisor : guest).push(all.subarray(at, end));
      if (found < 0) {
        held = all.subarray(end);
        break;
      }
      speaker = 'hypervisor';
      at = end;
    }
    return { guest: Buffer.concat(guest), hypervisor: Buffer.concat(hypervisor) };
  };

  return {
    push,
    flush() {
      const bytes = held;
      held = Buffer.alloc(0);
      const nothing = Buffer.alloc(0);
      return speaker === 'banner'
        ? { guest: nothing, hypervisor: bytes }
        : { guest: bytes, hypervisor: nothing };
    },
    get isHolding() {
      return held.length > 0;
    },
  };
}

/** How many bytes at the end could be the beginning of a prefix. */
function begunPrefix(bytes: Buffer): number {
  for (let length = Math.min(prefix.length - 1, bytes.length); length > 0; length--) {
    if (bytes.subarray(-length).equals(prefix.subarray(0, length))) return length;
  }
  return 0;
}

/** Both voices of a line that is there as a whole. */
export function splitXenLine(bytes: Uint8Array): Voices {
  const splitter = createXenSplitter();
  const first = splitter.push(bytes);
  const rest = splitter.flush();
  return {
    guest: Buffer.concat([first.guest, rest.guest]),
    hypervisor: Buffer.concat([first.hypervisor, rest.hypervisor]),
  };
}
