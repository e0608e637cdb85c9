/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/press.h"

#include <libdeflate.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "codec/bundle_frame.h"

#define SLOTS_PER_THREAD 4
#define TEXT_OF(x)       TEXT_OF_(x)
#define TEXT_OF_(x)      #x

enum slot_state { SLOT_EMPTY, SLOT_GIVEN, SLOT_TAKEN, SLOT_DONE };

/* One member on its way.  The state says whose it is: EMPTY and DONE the
 * caller's, TAKEN a thread's; GIVEN waits for one. */
struct slot {
	enum slot_state state;
	uint8_t *plain, *packed; /* owned */
	size_t plain_len;
	struct pressed result;
	struct err err;
	bool is_failed;
};

struct press {
	struct press_sink sink;
	struct slot *slots;
	size_t slot_count;
	size_t next_in;  /* slot that is filled next */
	size_t next_out; /* oldest slot that is on its way */
	size_t bound;    /* bytes of packed */
	pthread_t threads[PRESS_THREADS_MAX];
	unsigned thread_count;
	pthread_mutex_t lock; /* guards the states, next_job and is_over */
	pthread_cond_t given, done;
	size_t next_job; /* slot that a thread takes next */
	bool is_over;
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

/* Make the gzip member of @slot (RFC 1952). */
static int press_slot(struct slot *slot, size_t bound,
                      struct libdeflate_compressor *compressor,
                      struct sha256 *hash, struct err *err)
{
	uint8_t *body = slot->packed + FRAME_GZIP_HEAD;
	size_t len = libdeflate_deflate_compress(
		compressor, slot->plain, slot->plain_len, body,
		bound - FRAME_GZIP_HEAD - FRAME_GZIP_TAIL);

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

/* The next slot to work on, or NULL when all is over. */
static struct slot *take_job(struct press *press)
{
	struct slot *slot = NULL;

	(void)pthread_mutex_lock(&press->lock); /* a plain one cannot fail */
	while (!press->is_over &&
	       press->slots[press->next_job].state != SLOT_GIVEN)
		(void)pthread_cond_wait(&press->given, &press->lock);
	if (!press->is_over) {
		slot = &press->slots[press->next_job];
		slot->state = SLOT_TAKEN;
		press->next_job = (press->next_job + 1) % press->slot_count;
	}
	(void)pthread_mutex_unlock(&press->lock);
	return slot;
}

static void *work(void *argument)
{
	struct press *press = argument;
	struct libdeflate_compressor *compressor =
		libdeflate_alloc_compressor(PRESS_LEVEL);
	AUTO_SHA256 struct sha256 hash = SHA256_NONE;
	struct slot *slot;

	while ((slot = take_job(press)) != NULL) {
		int failed = compressor != NULL
		                     ? press_slot(slot, press->bound,
		                                  compressor, &hash, &slot->err)
		                     : err_nomem(&slot->err);

		(void)pthread_mutex_lock(&press->lock);
		slot->is_failed = failed < 0;
		slot->state = SLOT_DONE;
		(void)pthread_cond_signal(&press->done);
		(void)pthread_mutex_unlock(&press->lock);
	}
	libdeflate_free_compressor(compressor);
	return NULL;
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

static int start_threads(struct press *press, unsigned threads, struct err *err)
{
	for (; press->thread_count < threads; press->thread_count++) {
		int failed =
			pthread_create(&press->threads[press->thread_count],
		                       NULL, work, press);

		if (failed != 0)
			return err_set(err, ERR_SYSTEM, failed,
			               "starting a thread");
	}
	return 0;
}

int press_new(unsigned threads, struct press_sink sink, struct press **out,
              struct err *err)
{
	struct press *press = calloc(1, sizeof *press);

	if (press == NULL)
		return err_nomem(err);
	press->sink = sink;
	press->slot_count = (size_t)threads * SLOTS_PER_THREAD;
	press->bound =
		FRAME_GZIP_HEAD + FRAME_GZIP_TAIL +
		libdeflate_deflate_compress_bound(NULL, MEMBER_PLAIN_MAX);
	(void)pthread_mutex_init(&press->lock, NULL); /* cannot fail on Linux */
	(void)pthread_cond_init(&press->given, NULL);
	(void)pthread_cond_init(&press->done, NULL);
	if (make_slots(press, err) < 0 ||
	    start_threads(press, threads, err) < 0) {
		press_free(press);
		return -1;
	}
	*out = press;
	return 0;
}

void press_free(struct press *press)
{
	if (press == NULL)
		return;
	(void)pthread_mutex_lock(&press->lock);
	press->is_over = true;
	(void)pthread_cond_broadcast(&press->given);
	(void)pthread_mutex_unlock(&press->lock);
	for (unsigned i = 0; i < press->thread_count; i++)
		(void)pthread_join(press->threads[i], NULL);
	for (size_t i = 0; press->slots != NULL && i < press->slot_count; i++) {
		free(press->slots[i].plain);
		free(press->slots[i].packed);
	}
	free(press->slots);
	(void)pthread_cond_destroy(&press->given);
	(void)pthread_cond_destroy(&press->done);
	(void)pthread_mutex_destroy(&press->lock);
	free(press);
}

uint8_t *press_plain(struct press *press)
{
	return press->slots[press->next_in].plain;
}

/* Wait for the oldest member and hand it over. */
static int hand_over(struct press *press, struct err *err)
{
	struct slot *slot = &press->slots[press->next_out];

	(void)pthread_mutex_lock(&press->lock);
	while (slot->state != SLOT_DONE)
		(void)pthread_cond_wait(&press->done, &press->lock);
	slot->state = SLOT_EMPTY;
	(void)pthread_mutex_unlock(&press->lock);
	press->next_out = (press->next_out + 1) % press->slot_count;
	if (slot->is_failed) {
		*err = slot->err;
		return -1;
	}
	return press->sink.take(press->sink.context, &slot->result, err);
}

int press_member(struct press *press, size_t len, struct err *err)
{
	struct slot *slot = &press->slots[press->next_in];

	slot->plain_len = len;
	(void)pthread_mutex_lock(&press->lock);
	slot->state = SLOT_GIVEN;
	(void)pthread_cond_signal(&press->given);
	(void)pthread_mutex_unlock(&press->lock);
	press->next_in = (press->next_in + 1) % press->slot_count;
	/* The slot to be filled next must be free. */
	return press->next_in == press->next_out ? hand_over(press, err) : 0;
}

int press_finish(struct press *press, struct err *err)
{
	/* press_member left at least one slot free: equal means none is used.
	 */
	while (press->next_out != press->next_in)
		if (hand_over(press, err) < 0)
			return -1;
	return 0;
}
