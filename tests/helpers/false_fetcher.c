/* SPDX-License-Identifier: Apache-2.0 */
/* A fetch-worker that was taken over.  The address that it is to fetch from is
 * https://LIE/FOLDER/: it brings the parts of that folder, and lies.  It has no
 * sandbox, so that it can read them. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "privsep/fetch.h"
#include "privsep/part_stream.h"

#define LIE_SIZE 32

struct fetcher {
	struct message_channel channel;
	struct ring_writer ring;
	char lie[LIE_SIZE];
	int folder;
	struct err err;
};

static _Noreturn void give_up(const struct fetcher *fetcher)
{
	char text[2 * ERR_TEXT_MAX];

	fprintf(stderr, "%s\n", err_format(&fetcher->err, text, sizeof text));
	_exit(9);
}

static bool lies(const struct fetcher *fetcher, const char *lie)
{
	return strcmp(fetcher->lie, lie) == 0;
}

static void say(struct fetcher *fetcher, uint32_t type)
{
	union message message;

	memset(&message, 0, sizeof message);
	message.type = type;
	if (message_send(&fetcher->channel, &message, &fetcher->err) < 0)
		give_up(fetcher);
}

static void put(struct fetcher *fetcher, uint32_t item, const void *data,
                size_t len)
{
	if (len > 0 &&
	    frame_put(&fetcher->ring, item, data, len, &fetcher->err) < 0)
		give_up(fetcher);
}

static void end(struct fetcher *fetcher, uint32_t item)
{
	if (frame_end(&fetcher->ring, item, &fetcher->err) < 0)
		give_up(fetcher);
}

static void put_text(struct fetcher *fetcher, uint32_t item, const char *text)
{
	put(fetcher, item, text, strlen(text));
	end(fetcher, item);
}

static void start(struct fetcher *fetcher)
{
	static struct fetch_request request;
	const char *address = request.sources[0].address;
	const char *slash;
	union message message;

	fetcher->channel = (struct message_channel){ .fd = WORKER_FD_SOCKET,
		                                     .side = SIDE_WORKER };
	if (ring_attach(WORKER_FD_RING, &fetcher->channel, &fetcher->ring,
	                &fetcher->err) < 0)
		give_up(fetcher);
	say(fetcher, MESSAGE_READY);
	if (message_receive(&fetcher->channel, &message, &fetcher->err) != 1 ||
	    fs_read_at(FETCH_INPUT_REQUEST, 0, &request, sizeof request,
	               &fetcher->err) < 0)
		give_up(fetcher);
	address += strlen("https://");
	slash = strchr(address, '/');
	(void)snprintf(fetcher->lie, sizeof fetcher->lie, "%.*s",
	               (int)(slash - address), address);
	fetcher->folder = open(slash, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void put_origin(struct fetcher *fetcher)
{
	char text[FETCH_TEXT_MAX + 1];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	if (lies(fetcher, "no-origin"))
		return;
	if (lies(fetcher, "long-origin"))
		put_text(fetcher, FETCH_ITEM_ORIGIN, text);
	else if (lies(fetcher, "endless-origin"))
		for (int i = 0; i < 100; i++)
			put(fetcher, FETCH_ITEM_ORIGIN, text, FETCH_TEXT_MAX);
	else if (lies(fetcher, "unprintable-origin"))
		put_text(fetcher, FETCH_ITEM_ORIGIN, "https://\x1b[31m");
	else if (lies(fetcher, "two-origins"))
		put_text(fetcher, FETCH_ITEM_ORIGIN, "https://a;https://b");
	else
		put_text(fetcher, FETCH_ITEM_ORIGIN, "https://honest.example/");
	if (lies(fetcher, "unprintable-note"))
		put_text(fetcher, FETCH_ITEM_NOTE, "\x1b[2J");
	if (lies(fetcher, "endless-note"))
		for (int i = 0; i < 100; i++)
			put(fetcher, FETCH_ITEM_NOTE, text, FETCH_TEXT_MAX);
	if (lies(fetcher, "note"))
		put_text(fetcher, FETCH_ITEM_NOTE, "a note");
}

static void put_part(struct fetcher *fetcher, enum part_kind kind)
{
	AUTO_BUF struct buf bytes = BUF_NONE;
	AUTO_CLOSE int fd = -1;
	char name[PART_NAME_SIZE];

	part_name((struct part){ kind, 0 }, name);
	fd = openat(fetcher->folder, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (fs_read_fd(fd, &bytes, &fetcher->err) < 0)
		give_up(fetcher);
	put(fetcher, part_frame_number(kind, 0), bytes.data, bytes.len);
	end(fetcher, part_frame_number(kind, 0));
}

static void put_parts(struct fetcher *fetcher)
{
	static const enum part_kind kinds[] = { PART_RELEASE_INI, PART_MINISIG,
		                                PART_PROFILE_ENV, PART_SBOM,
		                                PART_MTREE,       PART_INDEX,
		                                PART_SHA256 };

	if (lies(fetcher, "no-parts"))
		return;
	if (lies(fetcher, "order"))
		put_part(fetcher, PART_MTREE);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		put_part(fetcher, kinds[i]);
		if (lies(fetcher, "half") && kinds[i] == PART_MINISIG)
			return;
	}
	if (lies(fetcher, "twice"))
		put_part(fetcher, PART_SHA256);
	if (lies(fetcher, "payload-as-part"))
		put_part(fetcher, PART_PAYLOAD);
	if (lies(fetcher, "unknown-item"))
		put_text(fetcher, FETCH_ITEM_PROGRESS + 1, "x");
}

static void end_parts(struct fetcher *fetcher)
{
	const struct fetch_count count = {
		.sent = lies(fetcher, "countless") ? UINT32_MAX : 0,
		.further = lies(fetcher, "redirected-often") ? 2 : 0,
	};
	size_t len = lies(fetcher, "torn-count") ? 2 : sizeof count;

	if (!lies(fetcher, "no-count"))
		put(fetcher, FETCH_ITEM_PARTS_END, &count, len);
	if (lies(fetcher, "endless-count"))
		put_part(fetcher, PART_SHA256);
	end(fetcher, FETCH_ITEM_PARTS_END);
}

static void write_payload(struct fetcher *fetcher)
{
	AUTO_BUF struct buf bytes = BUF_NONE;
	AUTO_CLOSE int fd =
		openat(fetcher->folder, "payload.tar.gz", O_RDONLY | O_CLOEXEC);

	if (fs_read_fd(fd, &bytes, &fetcher->err) < 0)
		give_up(fetcher);
	if (lies(fetcher, "other-payload"))
		bytes.data[bytes.len / 2] ^= 1;
	if (lies(fetcher, "no-payload"))
		bytes.len = 0;
	if (pwrite(FETCH_INPUT_SPOOL, bytes.data, bytes.len, 0) !=
	    (ssize_t)bytes.len)
		give_up(fetcher);
	if (lies(fetcher, "long-payload") &&
	    pwrite(FETCH_INPUT_SPOOL, "x", 1, (off_t)bytes.len) != 1)
		give_up(fetcher);
	if (lies(fetcher, "short-payload") &&
	    ftruncate(FETCH_INPUT_SPOOL, (off_t)bytes.len - 1) < 0)
		give_up(fetcher);
	if (lies(fetcher, "odd-progress"))
		put_text(fetcher, FETCH_ITEM_PROGRESS, "odd");
	if (lies(fetcher, "part-after-go"))
		put_part(fetcher, PART_SHA256);
}

/* Whether there is a patch: of this folder there is none. */
static void put_answer(struct fetcher *fetcher)
{
	const struct fetch_answer answer = {
		.has = lies(fetcher, "odd-answer")     ? 2
		       : lies(fetcher, "false-answer") ? 1
		                                       : 0,
		.sent = lies(fetcher, "countless") ? UINT32_MAX : 0,
	};
	size_t len = lies(fetcher, "torn-answer") ? 2 : sizeof answer;

	if (lies(fetcher, "other-answer"))
		put_part(fetcher, PART_SHA256);
	if (!lies(fetcher, "no-answer"))
		put(fetcher, FETCH_ITEM_HAS_PATCH, &answer, len);
	if (!lies(fetcher, "endless-answer"))
		end(fetcher, FETCH_ITEM_HAS_PATCH);
}

/* Until the plan asks no more. */
static void await_plan(struct fetcher *fetcher)
{
	static struct fetch_plan plan;

	do {
		if (ring_await_go(&fetcher->ring, &fetcher->err) < 0 ||
		    fs_read_at(FETCH_INPUT_PLAN, 0, &plan, sizeof plan,
		               &fetcher->err) < 0)
			give_up(fetcher);
		if (plan.asks != 0)
			put_answer(fetcher);
		if (plan.asks != 0 && lies(fetcher, "endless-answer"))
			_exit(0);
	} while (plan.asks != 0);
}

int main(void)
{
	struct fetcher fetcher = { .folder = -1 };

	start(&fetcher);
	put_origin(&fetcher);
	put_parts(&fetcher);
	if (!lies(&fetcher, "no-end"))
		end_parts(&fetcher);
	if (lies(&fetcher, "no-wait") || lies(&fetcher, "no-end")) {
		if (ring_flush(&fetcher.ring, &fetcher.err) < 0)
			give_up(&fetcher);
	} else {
		await_plan(&fetcher);
		write_payload(&fetcher);
	}
	if (ring_flush(&fetcher.ring, &fetcher.err) < 0)
		give_up(&fetcher);
	if (lies(&fetcher, "silent-end"))
		return 0;
	say(&fetcher, MESSAGE_DONE);
	return 0;
}
