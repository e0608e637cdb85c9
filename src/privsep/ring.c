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
	*out = (struct ring_writer){ base, channel, 0, RING_SLOTS, 0 };
	return 0;
}

void ring_detach(struct ring_writer *writer)
{
	if (writer->base != NULL)
		(void)munmap(writer->base, RING_SIZE);
	*writer = RING_WRITER_NONE;
}

static int wait_for_credit(struct ring_writer *writer, struct err *err)
{
	union message message;
	int got = message_receive(writer->channel, &message, err);

	if (got < 0)
		return -1;
	if (got == 0)
		return err_set(err, ERR_SYSTEM, EPIPE, "the monitor is gone");
	if (message.type != MESSAGE_CREDIT)
		return err_set(err, ERR_FORMAT, 0, "message %u, not CREDIT",
		               message.type);
	writer->free++;
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
	writer->free--;
	return 0;
}

/* Append one frame's head, with room behind it for at least @body bytes. */
static int put_head(struct ring_writer *writer, uint32_t number, size_t body,
                    size_t *room, struct err *err)
{
	if (writer->used + FRAME_HEAD_SIZE + body > RING_SLOT_SIZE &&
	    ring_flush(writer, err) < 0)
		return -1;
	while (writer->free == 0)
		if (wait_for_credit(writer, err) < 0)
			return -1;
	*room = RING_SLOT_SIZE - writer->used - FRAME_HEAD_SIZE;
	memcpy(writer->base + writer->slot * RING_SLOT_SIZE + writer->used,
	       &number, sizeof number);
	return 0;
}

static void put_body(struct ring_writer *writer, const void *data, uint32_t len)
{
	uint8_t *at = writer->base + writer->slot * RING_SLOT_SIZE +
	              writer->used + sizeof(uint32_t);

	memcpy(at, &len, sizeof len);
	if (len > 0)
		memcpy(at + sizeof len, data, len);
	writer->used += FRAME_HEAD_SIZE + len;
}

int frame_put(struct ring_writer *writer, uint32_t number, const void *data,
              size_t len, struct err *err)
{
	const uint8_t *at = data;

	while (len > 0) {
		size_t room;
		size_t piece;

		if (put_head(writer, number, /* body= */ 1, &room, err) < 0)
			return -1;
		piece = len < room ? len : room;
		put_body(writer, at, (uint32_t)piece);
		at += piece;
		len -= piece;
	}
	return 0;
}

int frame_end(struct ring_writer *writer, uint32_t number, struct err *err)
{
	size_t room;

	if (put_head(writer, number, /* body= */ 0, &room, err) < 0)
		return -1;
	put_body(writer, NULL, 0);
	return 0;
}
