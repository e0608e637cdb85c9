/* SPDX-License-Identifier: Apache-2.0 */
#include "publish_journal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include "base/disk.h"
#include "base/text.h"
#include "codec/json_write.h"
#include "codec/oci_reference.h"
#include "files.h"
#include "net/redact.h"

#define SUFFIX   ".journal"
#define END_LINE "{\"step\":\"done\"}\n"

void publish_journal_close(struct publish_journal *journal)
{
	cleanup_close(&journal->fd);
	buf_done(&journal->before);
	*journal = PUBLISH_JOURNAL_NONE;
}

/* --- writing ------------------------------------------------------------ */

static int append(struct publish_journal *journal, struct buf *line,
                  struct err *err)
{
	redact_buf(line);
	if (buf_adds(line, "\n", err) < 0 ||
	    disk_write("publish.journal-write", journal->fd, line->data,
	               line->len, err) < 0)
		return err_wrap(err, "writing the journal");
	return disk_sync("publish.journal-sync", journal->fd, err);
}

/* One line of up to three texts; NULL ends them. */
static int make_line(const char *const pairs[], struct buf *out,
                     struct err *err)
{
	struct json_writer json;

	json_begin(&json, out);
	if (json_open_object(&json, NULL, err) < 0)
		return -1;
	for (size_t i = 0; pairs[i] != NULL; i += 2)
		if (json_text(&json, pairs[i], pairs[i + 1], err) < 0)
			return -1;
	return json_close(&json, err);
}

static int write_line(struct publish_journal *journal,
                      const char *const pairs[], struct err *err)
{
	AUTO_BUF struct buf line = BUF_NONE;

	if (make_line(pairs, &line, err) < 0)
		return -1;
	return append(journal, &line, err);
}

int publish_journal_step(struct publish_journal *journal, const char *step,
                         const char *target, struct err *err)
{
	const char *const pairs[] = { "step", step, "target", target, NULL };

	return write_line(journal, pairs, err);
}

int publish_journal_moved(struct publish_journal *journal, const char *place,
                          const uint8_t *was, struct err *err)
{
	char text[OCI_DIGEST_SIZE];
	const char *const pairs[] = { "step", "moved", "place", place,
		                      "was",  text,    NULL };
	const char *const bare[] = { "step", "moved", "place", place, NULL };

	if (was == NULL)
		return write_line(journal, bare, err);
	oci_digest_text(was, text);
	return write_line(journal, pairs, err);
}

int publish_journal_draft(struct publish_journal *journal, const char *place,
                          uint64_t id, struct err *err)
{
	char text[24];
	const char *const pairs[] = { "step", "draft", "place", place,
		                      "id",   text,    NULL };

	(void)snprintf(text, sizeof text, "%" PRIu64, id);
	return write_line(journal, pairs, err);
}

/* The number behind @head, where the line begins with that; else 0. */
static uint64_t number_behind(const char *line, size_t len,
                              const struct buf *head)
{
	const char *end;
	uint64_t number = 0;
	struct err ignored; /* the journal is a hint */

	if (len <= head->len || memcmp(line, head->data, head->len) != 0)
		return 0;
	line += head->len;
	end = memchr(line, '"', len - head->len);
	if (end == NULL || text_u64(line, (size_t)(end - line), UINT64_MAX,
	                            &number, &ignored) < 0)
		return 0;
	return number;
}

int publish_journal_find_draft(const struct publish_journal *journal,
                               const char *place, uint64_t *id, struct err *err)
{
	const char *const pairs[] = { "step", "draft", "place", place,
		                      "id",   "",      NULL };
	AUTO_BUF struct buf head = BUF_NONE;
	const char *text = buf_text(&journal->before);
	size_t left = journal->before.len;

	*id = 0;
	if (make_line(pairs, &head, err) < 0)
		return -1;
	buf_cut(&head, head.len - strlen("\"}"));
	while (left > 0) {
		const char *lf = memchr(text, '\n', left);
		size_t len = lf != NULL ? (size_t)(lf - text) + 1 : left;
		uint64_t found = number_behind(text, len, &head);

		if (found != 0)
			*id = found;
		text += len;
		left -= len;
	}
	return 0;
}

int publish_journal_end(struct publish_journal *journal, struct err *err)
{
	const char *const pairs[] = { "step", "done", NULL };

	return write_line(journal, pairs, err);
}

/* --- opening ------------------------------------------------------------ */

static int open_file(const char *lock, struct err *err)
{
	AUTO_CLOSE int dir = -1;
	AUTO_CLOSE int fd = -1;
	char name[FS_NAME_MAX];
	size_t len;

	dir = file_split(lock, name, err);
	if (dir < 0)
		return -1;
	len = strlen(name);
	if (len + sizeof SUFFIX > sizeof name)
		return err_set(err, ERR_LIMIT, 0, "the name '%s' is too long",
		               name);
	memcpy(name + len, SUFFIX, sizeof SUFFIX);
	fd = disk_open_append("publish.journal-open", dir, name, 0644, err);
	if (fd < 0)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return err_set(
			err, errno == EWOULDBLOCK ? ERR_LOCKED : ERR_SYSTEM,
			errno == EWOULDBLOCK ? 0 : errno,
			"another run publishes with the lockfile '%s'", lock);
	return TAKE_FD(fd);
}

/* Whether @text is of this plan, and did not end. */
static bool goes_on(const struct buf *text, const char *head, unsigned *steps)
{
	size_t len = strlen(head);
	const char *at = text->data;

	if (text->len < len || memcmp(text->data, head, len) != 0)
		return false;
	if (text->len >= len + strlen(END_LINE) &&
	    memcmp(text->data + text->len - strlen(END_LINE), END_LINE,
	           strlen(END_LINE)) == 0)
		return false;
	*steps = 0;
	for (at += len; at < text->data + text->len; at++)
		*steps += *at == '\n';
	return true;
}

int publish_journal_open(const char *lock, const uint8_t plan[SHA256_LEN],
                         struct publish_journal *out, struct err *err)
{
	char hex[SHA256_HEX_LEN + 1];
	char head[SHA256_HEX_LEN + 64];
	struct err ignored; /* one that is too long is begun anew */

	text_to_hex(plan, SHA256_LEN, hex);
	(void)snprintf(head, sizeof head,
	               "{\"journal\":\"tidegate.publish/1\",\"plan\":\"%s\"}\n",
	               hex);
	out->fd = open_file(lock, err);
	if (out->fd < 0)
		return -1;
	if (fs_read_fd(out->fd, &out->before, &ignored) == 0 &&
	    out->before.len > 0 && goes_on(&out->before, head, &out->steps)) {
		out->continues = true;
		return 0;
	}
	buf_cut(&out->before, 0);
	if (disk_truncate("publish.journal-begin", out->fd, 0, err) < 0 ||
	    disk_write("publish.journal-head", out->fd, head, strlen(head),
	               err) < 0)
		return -1;
	return disk_sync("publish.journal-head-sync", out->fd, err);
}
