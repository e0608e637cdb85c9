/* SPDX-License-Identifier: Apache-2.0 */
#include "privsep/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"

int ring_make(struct ring *out, struct err *err)
{
	AUTO_CLOSE int fd =
		memfd_create("tidegate-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	void *base;

	if (fd < 0)
		return err_set(err, ERR_SYSTEM, errno, "making a ring");
	/* Its size is fixed for good: a worker that could cut it would kill
	 * the monitor with SIGBUS. */
	if (ftruncate(fd, (off_t)RING_SIZE) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) <
	            0)
		return err_set(err, ERR_SYSTEM, errno, "sealing a ring");
	base = mmap(NULL, RING_SIZE, PROT_READ, MAP_SHARED, fd, 0);
	if (base == MAP_FAILED)
		return err_set(err, ERR_SYSTEM, errno, "mapping a ring");
	out->fd = TAKE_FD(fd);
	out->base = base;
	out->next = 0;
	return 0;
}

/* munmap takes no const pointer, although it does not write. */
static void *without_const(const uint8_t *base)
{
	void *plain;

	memcpy(&plain, &base, sizeof plain);
	return plain;
}

void ring_done(struct ring *ring)
{
	if (ring->base != NULL)
		(void)munmap(without_const(ring->base), RING_SIZE);
	cleanup_close(&ring->fd);
	*ring = RING_NONE;
}

void ring_copy(struct ring *ring, size_t used, uint8_t *out)
{
	memcpy(out, ring->base + ring->next * RING_SLOT_SIZE, used);
	ring->next = (ring->next + 1) % RING_SLOTS;
}

int frame_next(struct frame_reader *reader, struct frame *out, struct err *err)
{
	uint32_t head[2];

	if (reader->left == 0)
		return 0;
	if (reader->left < sizeof head)
		return err_set(err, ERR_FORMAT, 0, "a torn frame head");
	memcpy(head, reader->at, sizeof head);
	if (head[1] > reader->left - sizeof head)
		return err_set(err, ERR_FORMAT, 0,
		               "a frame of %u bytes leaves its slot", head[1]);
	out->number = head[0];
	out->data = reader->at + sizeof head;
	out->len = head[1];
	reader->at += sizeof head + out->len;
	reader->left -= sizeof head + out->len;
	return 1;
}

int ring_attach(int fd, struct message_channel *channel,
                struct ring_writer *out, struct err *err)
{
	void *base = mmap(NULL, RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
	                  fd, 0);

	if (base == MAP_FAILED)
		return err_set(err, ERR_SYSTEM, errno, "mapping the ring");
	*out = RING_WRITER_NONE;
	out->base = base;
	out->channel = channel;
	out->free = RING_SLOTS;
	return 0;
}

void ring_detach(struct ring_writer *writer)
{
	if (writer->base != NULL)
		(void)munmap(writer->base, RING_SIZE);
	*writer = RING_WRITER_NONE;
}

/* The next message of the monitor's; a CREDIT is counted. */
static int next_word(struct ring_writer *writer, enum message_type *out,
                     struct err *err)
{
	union message message;
	int got = message_receive(writer->channel, &message, err);

	if (got < 0)
		return -1;
	if (got == 0)
		return err_set(err, ERR_SYSTEM, EPIPE, "the monitor is gone");
	*out = (enum message_type)message.type;
	if (*out == MESSAGE_CREDIT)
		writer->free++;
	return 0;
}

static int wait_for_credit(struct ring_writer *writer, struct err *err)
{
	enum message_type type;

	if (next_word(writer, &type, err) < 0)
		return -1;
	if (type != MESSAGE_CREDIT)
		return err_set(err, ERR_FORMAT, 0, "message %u, not CREDIT",
		               (unsigned)type);
	return 0;
}

int ring_flush(struct ring_writer *writer, struct err *err)
{
	union message message;

	if (writer->used == 0)
		return 0;
	memset(&message, 0, sizeof message);
	message.slot.type = MESSAGE_SLOT;
	message.slot.used = (uint32_t)writer->used;
	if (message_send(writer->channel, &message, err) < 0)
		return -1;
	writer->slot = (writer->slot + 1) % RING_SLOTS;
	writer->used = 0;
	writer->frame = NULL;
	writer->free--;
	return 0;
}

int ring_await_go(struct ring_writer *writer, struct err *err)
{
	enum message_type type = MESSAGE_NONE;

	if (ring_flush(writer, err) < 0)
		return -1;
	while (type != MESSAGE_GO) {
		if (next_word(writer, &type, err) < 0)
			return -1;
		if (type != MESSAGE_CREDIT && type != MESSAGE_GO)
			return err_set(err, ERR_FORMAT, 0, "message %u, not GO",
			               (unsigned)type);
	}
	return 0;
}

static size_t room_left(const struct ring_writer *writer)
{
	return RING_SLOT_SIZE - writer->used;
}

/* Begin a frame, with room behind its head for @body bytes. */
static int open_frame(struct ring_writer *writer, uint32_t number, size_t body,
                      struct err *err)
{
	const uint32_t head[2] = { number, 0 };

	if (room_left(writer) < sizeof head + body &&
	    ring_flush(writer, err) < 0)
		return -1;
	while (writer->free == 0)
		if (wait_for_credit(writer, err) < 0)
			return -1;
	writer->frame =
		writer->base + writer->slot * RING_SLOT_SIZE + writer->used;
	memcpy(writer->frame, head, sizeof head);
	writer->used += sizeof head;
	return 0;
}

/* How many of @len more bytes go into the slot: all, or up to a cut. */
static size_t fit(const struct ring_writer *writer, size_t len)
{
	size_t room = room_left(writer);
	size_t beyond = (size_t)((writer->item + room) % RING_CUT);

	if (len <= room)
		return len;
	return beyond < room ? room - beyond : 0;
}

/* Let the open frame grow. */
static void append(struct ring_writer *writer, const uint8_t *data, size_t len)
{
	uint8_t *at = writer->frame + sizeof(uint32_t);
	uint32_t total;

	memcpy(&total, at, sizeof total);
	memcpy(writer->frame + FRAME_HEAD_SIZE + total, data, len);
	total += (uint32_t)len;
	memcpy(at, &total, sizeof total);
	writer->used += len;
	writer->item += len;
}

int frame_put(struct ring_writer *writer, uint32_t number, const void *data,
              size_t len, struct err *err)
{
	const uint8_t *at = data;

	while (len > 0) {
		size_t piece;

		/* With so much room there is a cut in it, so that no frame
		 * stays empty, which would end the item. */
		if (writer->frame == NULL &&
		    open_frame(writer, number, RING_CUT, err) < 0)
			return -1;
		piece = fit(writer, len);
		append(writer, at, piece);
		at += piece;
		len -= piece;
		if (len > 0 && ring_flush(writer, err) < 0)
			return -1;
	}
	return 0;
}

void frame_pause(struct ring_writer *writer)
{
	writer->frame = NULL;
}

int frame_end(struct ring_writer *writer, uint32_t number, struct err *err)
{
	if (open_frame(writer, number, /* body= */ 0, err) < 0)
		return -1;
	writer->frame = NULL;
	writer->item = 0;
	return 0;
}
