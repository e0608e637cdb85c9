/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/patch_frame.h"

#include <zstd.h>

#include "base/cleanup.h"

#define ENCODER_OF(version) "zstd " version

const char *patch_frame_encoder(void)
{
	return ENCODER_OF(ZSTD_VERSION_STRING);
}

static void compressor_done(ZSTD_CCtx **context)
{
	(void)ZSTD_freeCCtx(*context); /* NULL is fine */
}

static void decompressor_done(ZSTD_DCtx **context)
{
	(void)ZSTD_freeDCtx(*context);
}

/* --- making --- */

size_t patch_frame_bound(size_t plain_len)
{
	return ZSTD_compressBound(plain_len);
}

static int set_up(ZSTD_CCtx *context, struct bytes old, struct err *err)
{
	static const struct {
		ZSTD_cParameter name;
		int value;
	} settings[] = {
		{ ZSTD_c_compressionLevel, PATCH_LEVEL },
		{ ZSTD_c_windowLog, PATCH_WINDOW_LOG },
		{ ZSTD_c_enableLongDistanceMatching, 1 },
		{ ZSTD_c_checksumFlag, 1 },
		{ ZSTD_c_contentSizeFlag, 1 },
	};

	for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
		size_t result = ZSTD_CCtx_setParameter(
			context, settings[i].name, settings[i].value);

		if (ZSTD_isError(result))
			return err_set(err, ERR_INTERNAL, 0,
			               "zstd refuses a setting: %s",
			               ZSTD_getErrorName(result));
	}
	if (ZSTD_isError(ZSTD_CCtx_refPrefix(context, old.data, old.len)))
		return err_set(err, ERR_INTERNAL, 0, "zstd takes no prefix");
	return 0;
}

int patch_frame_make(struct bytes old, struct bytes plain, void *packed,
                     size_t room, size_t *len, struct err *err)
{
	AUTO(compressor_done) ZSTD_CCtx *context = ZSTD_createCCtx();
	size_t result;

	if (context == NULL)
		return err_nomem(err);
	if (set_up(context, old, err) < 0)
		return -1;
	result = ZSTD_compress2(context, packed, room, plain.data, plain.len);
	if (ZSTD_isError(result))
		return err_set(err, ERR_SYSTEM, 0, "compressing a patch: %s",
		               ZSTD_getErrorName(result));
	*len = result;
	return 0;
}

/* --- opening --- */

static int damaged(const char *how, struct err *err)
{
	return err_set(err, ERR_FORMAT, 0, "a frame of the patch %s", how);
}

int patch_frame_open(struct bytes old, struct bytes packed, void *plain,
                     size_t plain_len, struct err *err)
{
	AUTO(decompressor_done) ZSTD_DCtx *context = ZSTD_createDCtx();
	size_t result;

	if (context == NULL)
		return err_nomem(err);
	if (ZSTD_getFrameContentSize(packed.data, packed.len) != plain_len)
		return damaged("does not say how long its bytes are", err);
	/* One frame: what follows would be taken without the prefix. */
	if (ZSTD_findFrameCompressedSize(packed.data, packed.len) != packed.len)
		return damaged("is none, or more than one", err);
	if (ZSTD_isError(ZSTD_DCtx_refPrefix(context, old.data, old.len)))
		return err_set(err, ERR_INTERNAL, 0, "zstd takes no prefix");
	result = ZSTD_decompressDCtx(context, plain, plain_len, packed.data,
	                             packed.len);
	if (ZSTD_isError(result))
		return err_set(err, ERR_FORMAT, 0,
		               "a frame of the patch is damaged: %s",
		               ZSTD_getErrorName(result));
	return result == plain_len ? 0 : damaged("is too short", err);
}
