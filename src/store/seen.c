/* SPDX-License-Identifier: Apache-2.0 */
#include "store/seen.h"

#include "base/disk.h"
#include "base/fs.h"

#define SEEN_NAME "seen"

int seen_read(const struct store *store, struct buf *out, struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(SEEN_MAX);
	int got = fs_read_trusted(store->state, SEEN_NAME, &text, err);

	if (got < 0)
		return err_wrap(err, "reading the highest sequence seen");
	if (got == 1 && buf_add(out, text.data, text.len, err) < 0)
		return -1;
	return got;
}

int seen_write(const struct store *store, const void *data, size_t len,
               struct err *err)
{
	if (len > SEEN_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "more than %zu bytes to note as seen", SEEN_MAX);
	return disk_replace_file("seen.write", store->state, SEEN_NAME,
	                         STORE_FILE_MODE, data, len, err);
}
