/* SPDX-License-Identifier: MIT */
/* One frame of zstd by libzstd, with the output as its own window. */
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>
#include "unpack.h"

#define TRAILER_SIZE 4	/* size, appended by the kernel's build */

/*
 * Formats before zstd 0.8, which libzstd refuses to read in a context like
 * ours, and the hooks of its tracer: being here they keep the library's out.
 */
#define UNUSED(function) \
	size_t function(void) \
	{ \
		return 0; \
	}
UNUSED(ZSTDv05_createDCtx)
UNUSED(ZSTDv05_decompress_usingDict)
UNUSED(ZSTDv05_findFrameSizeInfoLegacy)
UNUSED(ZSTDv05_freeDCtx)
UNUSED(ZSTDv05_getFrameParams)
UNUSED(ZBUFFv05_createDCtx)
UNUSED(ZBUFFv05_decompressContinue)
UNUSED(ZBUFFv05_decompressInitDictionary)
UNUSED(ZBUFFv05_freeDCtx)
UNUSED(ZSTDv06_createDCtx)
UNUSED(ZSTDv06_decompress_usingDict)
UNUSED(ZSTDv06_findFrameSizeInfoLegacy)
UNUSED(ZSTDv06_freeDCtx)
UNUSED(ZSTDv06_getFrameParams)
UNUSED(ZBUFFv06_createDCtx)
UNUSED(ZBUFFv06_decompressContinue)
UNUSED(ZBUFFv06_decompressInitDictionary)
UNUSED(ZBUFFv06_freeDCtx)
UNUSED(ZSTDv07_createDCtx)
UNUSED(ZSTDv07_decompress_usingDict)
UNUSED(ZSTDv07_findFrameSizeInfoLegacy)
UNUSED(ZSTDv07_freeDCtx)
UNUSED(ZSTDv07_getFrameParams)
UNUSED(ZBUFFv07_createDCtx)
UNUSED(ZBUFFv07_decompressContinue)
UNUSED(ZBUFFv07_decompressInitDictionary)
UNUSED(ZBUFFv07_freeDCtx)
UNUSED(ZSTD_trace_decompress_begin)
UNUSED(ZSTD_trace_decompress_end)

int unpack(const u8 *payload, u32 size, u8 *out, u32 out_size, struct heap *heap)
{
	size_t need = ZSTD_estimateDCtxSize();
	ZSTD_DCtx *context;

	if (size < TRAILER_SIZE)
		return 0;
	context = ZSTD_initStaticDCtx(heap_allocate(heap, need), need);
	if (!context)
		return 0;
	return ZSTD_decompressDCtx(context, out, out_size, payload, size - TRAILER_SIZE) ==
	       out_size;
}
