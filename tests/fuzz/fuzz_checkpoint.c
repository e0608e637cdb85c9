/* SPDX-License-Identifier: Apache-2.0 */
/* Property: an accepted note put together again from what was read is the same
 * bytes. */
#include "codec/base64.h"
#include "codec/checkpoint.h"
#include "round_trip.h"

static void add_bytes(struct buf *out, struct bytes bytes)
{
	struct err err;

	require(buf_add(out, bytes.data, bytes.len, &err) == 0);
}

/* The key id stands right before the signature in memory. */
static void add_signature(struct buf *out,
                          const struct checkpoint_signature *in)
{
	const uint8_t *whole = in->signature.data - CHECKPOINT_KEY_ID_LEN;
	struct err err;

	require(in->name.len > 0 && in->signature.len > 0);
	require(memcmp(whole, in->key_id, CHECKPOINT_KEY_ID_LEN) == 0);
	require(buf_adds(out, "\xe2\x80\x94 ", &err) == 0);
	add_bytes(out, in->name);
	require(buf_adds(out, " ", &err) == 0);
	require(base64_add(out, whole,
	                   in->signature.len + CHECKPOINT_KEY_ID_LEN,
	                   &err) == 0);
	require(buf_adds(out, "\n", &err) == 0);
}

/* Its first three lines. */
static void check_head(const struct checkpoint *in)
{
	AUTO_BUF struct buf head = BUF_NONE;
	struct err err;

	add_bytes(&head, in->origin);
	require(buf_adds(&head, "\n", &err) == 0);
	require(buf_add_u64(&head, in->tree_size, &err) == 0);
	require(buf_adds(&head, "\n", &err) == 0);
	require(base64_add(&head, in->root_hash, sizeof in->root_hash, &err) ==
	        0);
	require(buf_adds(&head, "\n", &err) == 0);
	require(head.len <= in->signed_text.len);
	require(memcmp(head.data, in->signed_text.data, head.len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_CHECKPOINT struct checkpoint checkpoint = CHECKPOINT_NONE;
	AUTO_BUF struct buf again = BUF_NONE;
	const char *text = (const char *)data;
	struct err err;

	if (checkpoint_parse(text, size, &checkpoint, &err) < 0)
		return 0;
	check_head(&checkpoint);
	add_bytes(&again, checkpoint.signed_text);
	require(buf_adds(&again, "\n", &err) == 0);
	for (size_t i = 0; i < checkpoint.signature_count; i++)
		add_signature(&again, &checkpoint.signatures[i]);
	require_same(&again, text, size);
	return 0;
}
