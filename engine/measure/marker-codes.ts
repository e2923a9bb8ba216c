/**
 * Codes of the markers that the guest executes and the counter plugin writes
 * down; the same numbers are in engine/native/guest/marker.h.
 */
export const markerCodes = {
  /** First instruction of /init. */
  init: 0x0001,
  /** /init has run the whole plan. */
  done: 0x0002,
  /** Written by the plugin itself when the emulator ends. */
  end: 0xffff,
} as const;

const firstWorkload = 0x0100;

/** Which workload a marker belongs to, and whether an iteration begins or ends there. */
export function workloadMarker(code: number): { id: number; begins: boolean } | undefined {
  if (code < firstWorkload || code === markerCodes.end) return undefined;
  return { id: (code - firstWorkload) >> 1, begins: code % 2 === 0 };
}
