/* SPDX-License-Identifier: Apache-2.0 */
#include "net/hashing_sink.h"

static int take_hashed(void *context, uint64_t offset, const void *data,
                       size_t len, struct err *err)
{
	struct hashing_sink *hashing = context;

	if (sha256_add(&hashing->hash, data, len, err) < 0)
		return -1;
	return hashing->to->take(hashing->to->context, offset, data, len, err);
}

int hashing_sink_begin(struct hashing_sink *hashing, const struct http_sink *to,
                       struct err *err)
{
	hashing->sink = (struct http_sink){ take_hashed, hashing };
	hashing->to = to;
	return sha256_begin(&hashing->hash, err);
}

int hashing_sink_end(struct hashing_sink *hashing, uint8_t out[SHA256_LEN],
                     struct err *err)
{
	return sha256_end(&hashing->hash, out, err);
}

void hashing_sink_done(struct hashing_sink *hashing)
{
	sha256_done(&hashing->hash);
}
