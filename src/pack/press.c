/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/press.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "base/crew.h"
#include "codec/bundle_frame.h"

#define SLOTS_PER_THREAD 4
#define TEXT_OF(x)       TEXT_OF_(x)
#define TEXT_OF_(x)      #x

/* One member on its way. */
struct slot {
	uint8_t *plain, *packed; /* owned */
	size_t plain_len;
	struct pressed result;
};

/* What a thread works with. */
struct tool {
	struct libdeflate_compressor *compressor; /* owned */
	struct sha256 hash;                       /* owned */
};

struct press {
	struct press_sink sink;
	struct slot *slots; /* owned */
	size_t slot_count;
	size_t bound; /* bytes of packed */
	struct tool tools[PRESS_THREADS_MAX];
	struct crew *crew; /* owned */
	size_t filled;     /* the slot that press_plain is in */
};

const char *press_encoder(void)
{
	return "libdeflate " LIBDEFLATE_VERSION_STRING
	       " level " TEXT_OF(PRESS_LEVEL) " cut 1";
}

static void put_u32(uint8_t *out, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(value >> (8 * i));
}

/* Make the gzip member of a slot (RFC 1952). */
static int press_slot(void *context, unsigned thread, size_t number,
                      struct err *err)
{
	struct press *press = context;
	struct slot *slot = &press->slots[number];
	struct sha256 *hash = &press->tools[thread].hash;
	uint8_t *body = slot->packed + FRAME_GZIP_HEAD;
	size_t len = libdeflate_deflate_compress(
		press->tools[thread].compressor, slot->plain, slot->plain_len,
		body, press->bound - FRAME_GZIP_HEAD - FRAME_GZIP_TAIL);

	if (len == 0)
		return err_set(err, ERR_INTERNAL, 0,
		               "a member exceeds its bound");
	memcpy(slot->packed, frame_gzip_head, FRAME_GZIP_HEAD);
	put_u32(body + len, libdeflate_crc32(0, slot->plain, slot->plain_len));
	put_u32(body + len + 4, (uint32_t)slot->plain_len);
	slot->result.data = slot->packed;
	slot->result.len = FRAME_GZIP_HEAD + len + FRAME_GZIP_TAIL;
	slot->result.plain_len = slot->plain_len;
	if (sha256_begin(hash, err) < 0 ||
	    sha256_add(hash, slot->packed, slot->result.len, err) < 0)
		return -1;
	return sha256_end(hash, slot->result.sha256, err);
}

static int make_slots(struct press *press, struct err *err)
{
	press->slots = calloc(press->slot_count, sizeof *press->slots);
	if (press->slots == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < press->slot_count; i++) {
		struct slot *slot = &press->slots[i];

		slot->plain = malloc(MEMBER_PLAIN_MAX);
		slot->packed = malloc(press->bound);
		if (slot->plain == NULL || slot->packed == NULL)
			return err_nomem(err);
	}
	return 0;
}

static int make_tools(struct press *press, unsigned threads, struct err *err)
{
	for (unsigned i = 0; i < threads; i++) {
		press->tools[i].compressor =
			libdeflate_alloc_compressor(PRESS_LEVEL);
		if (press->tools[i].compressor == NULL)
			return err_nomem(err);
	}
	return 0;
}

int press_new(unsigned threads, struct press_sink sink, struct press **out,
              struct err *err)
{
	struct press *press = calloc(1, sizeof *press);
	struct crew_plan plan = { .threads = threads,
		                  .work = press_slot,
		                  .context = press };

	if (press == NULL)
		return err_nomem(err);
	press->sink = sink;
	press->slot_count = (size_t)threads * SLOTS_PER_THREAD;
	press->bound =
		FRAME_GZIP_HEAD + FRAME_GZIP_TAIL +
		libdeflate_deflate_compress_bound(NULL, MEMBER_PLAIN_MAX);
	plan.slots = press->slot_count;
	if (make_slots(press, err) < 0 || make_tools(press, threads, err) < 0 ||
	    crew_new(&plan, &press->crew, err) < 0) {
		press_free(press);
		return -1;
	}
	(void)crew_has_room(press->crew, &press->filled); /* it is new */
	*out = press;
	return 0;
}

void press_free(struct press *press)
{
	if (press == NULL)
		return;
	crew_free(press->crew); /* first: its threads use the rest */
	for (size_t i = 0; i < PRESS_THREADS_MAX; i++) {
		libdeflate_free_compressor(press->tools[i].compressor);
		sha256_done(&press->tools[i].hash);
	}
	for (size_t i = 0; press->slots != NULL && i < press->slot_count; i++) {
		free(press->slots[i].plain);
		free(press->slots[i].packed);
	}
	free(press->slots);
	free(press);
}

uint8_t *press_plain(struct press *press)
{
	return press->slots[press->filled].plain;
}

/* Wait for the oldest member and hand it over.  1, 0 when there is none. */
static int hand_over(struct press *press, struct err *err)
{
	size_t slot;
	int got = crew_take(press->crew, &slot, err);

	if (got > 0 && press->sink.take(press->sink.context,
	                                &press->slots[slot].result, err) < 0)
		return -1;
	return got;
}

int press_member(struct press *press, size_t len, struct err *err)
{
	press->slots[press->filled].plain_len = len;
	crew_give(press->crew);
	while (!crew_has_room(press->crew, &press->filled))
		if (hand_over(press, err) < 0)
			return -1;
	return 0;
}

int press_finish(struct press *press, struct err *err)
{
	int got;

	do
		got = hand_over(press, err);
	while (got > 0);
	return got;
}
