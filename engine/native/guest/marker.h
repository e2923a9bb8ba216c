/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Markers that the counter plugin recognises: an eight-byte no-op whose
 * displacement carries a code. The codes of workloads come from workload-ids.h,
 * which the engine generates from its table (engine/measure/workloads.ts).
 */
#ifndef KBL_MARKER_H
#define KBL_MARKER_H

#define MARKER_INIT 0x0001 /* first instruction of /init */
#define MARKER_DONE 0x0002 /* /init has run everything it was told to */
#define MARKER_BEGIN(id) (0x0100 + 2 * (id))
#define MARKER_END(id) (0x0101 + 2 * (id))

#define MARKER_BYTES ".byte 0x0f,0x1f,0x84,0x00; .long 0x6b620000+"
#define MARK(code) asm volatile(MARKER_BYTES "%c0" : : "i"(code) : "memory")

#endif
