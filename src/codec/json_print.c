/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_print.h"

#include <jansson.h>

/* What jansson calls back with. */
struct printing {
	struct buf *out;
	struct err *err;
};

static int take_bytes(const char *bytes, size_t len, void *context)
{
	struct printing *printing = context;

	return buf_add(printing->out, bytes, len, printing->err);
}

int json_print(const struct json_t *value, unsigned indent, struct buf *out,
               struct err *err)
{
	struct printing printing = { out, err };
	size_t layout = indent > 0 ? JSON_INDENT(indent) : JSON_COMPACT;

	err->code = ERR_NONE;
	if (json_dump_callback(value, take_bytes, &printing, layout) == 0)
		return 0;
	/* Without a word from the buffer it was the memory of jansson. */
	return err->code != ERR_NONE ? -1 : err_nomem(err);
}
