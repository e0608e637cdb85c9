/* SPDX-License-Identifier: Apache-2.0 */
/* Property: what is accepted and written is accepted again, and from then on
 * written as the same bytes; people may write it, with comments. */
#include "codec/revocations.h"
#include "round_trip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct revocations first, second;
	AUTO_BUF struct buf once = BUF_NONE;
	AUTO_BUF struct buf twice = BUF_NONE;
	struct err err;

	if (revocations_parse((const char *)data, size, &first, &err) < 0)
		return 0;
	require(revocations_write(&first, &once, &err) == 0);
	require(revocations_parse(buf_text(&once), once.len, &second, &err) ==
	        0);
	require(revocations_write(&second, &twice, &err) == 0);
	require_same(&twice, buf_text(&once), once.len);
	return 0;
}
