/* SPDX-License-Identifier: Apache-2.0 */
#include "base/journal_log.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>

#include "base/cleanup.h"

#define LENGTH_SIZE   8 /* bytes */
#define READ_PAUSE_NS 200000
#define READ_PAUSES   5000 /* a second */

/* Where journald takes what units print; a namespace of its own has the name
 * behind a dot (systemd-journald.service(8)). */
#define STREAM_START "/run/systemd/journal"
#define STREAM_END   "/stdout"

static bool is_name(const char *name)
{
	size_t len = strlen(name);

	return len >= 1 && len <= JOURNAL_LOG_NAME_MAX && name[0] >= 'A' &&
	       name[0] <= 'Z' &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == len;
}

static int add_length(size_t len, struct buf *out, struct err *err)
{
	uint8_t bytes[LENGTH_SIZE];

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)((uint64_t)len >> (8 * i));
	return buf_add(out, bytes, sizeof bytes, err);
}

static int add_field(const struct journal_log_field *field, struct buf *out,
                     struct err *err)
{
	size_t len = strlen(field->value);

	if (!is_name(field->name))
		return err_set(err, ERR_INTERNAL, 0,
		               "'%s' is no name of a field", field->name);
	if (buf_adds(out, field->name, err) < 0)
		return -1;
	if (memchr(field->value, '\n', len) == NULL) {
		if (buf_adds(out, "=", err) < 0)
			return -1;
	} else if (buf_adds(out, "\n", err) < 0 ||
	           add_length(len, out, err) < 0) {
		return -1;
	}
	if (buf_add(out, field->value, len, err) < 0)
		return -1;
	return buf_adds(out, "\n", err);
}

int journal_log_encode(const struct journal_log_field *fields, size_t count,
                       struct buf *out, struct err *err)
{
	for (size_t i = 0; i < count; i++)
		if (fields[i].value != NULL &&
		    add_field(&fields[i], out, err) < 0)
			return -1;
	return 0;
}

/* journald finds out about the sender, as which unit it is, when it reads; a
 * program that has ended by then is nobody.  Returns whether it has read. */
static bool is_read(int fd)
{
	const struct timespec pause = { .tv_nsec = READ_PAUSE_NS };
	int unread = 0;

	for (int i = 0; i < READ_PAUSES; i++) {
		if (ioctl(fd, SIOCOUTQ, &unread) < 0 || unread == 0)
			return true;
		(void)nanosleep(&pause, NULL);
	}
	return false;
}

/* Without a journald there is no socket, or nobody behind it. */
static bool is_absence(int error)
{
	return error == ENOENT || error == ENOTDIR || error == ECONNREFUSED;
}

static int send_entry(const struct sockaddr_un *to, const struct buf *entry,
                      struct err *err)
{
	const struct timeval patience = { .tv_sec = 1 };
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
	                         sizeof patience) < 0)
		return err_set(err, ERR_SYSTEM, errno, "making a socket");
	if (sendto(fd, entry->data, entry->len, MSG_NOSIGNAL,
	           (const struct sockaddr *)to, sizeof *to) >= 0)
		return is_read(fd) ? 1
		                   : err_set(err, ERR_SYSTEM, ETIMEDOUT,
		                             "waiting for journald");
	if (is_absence(errno))
		return 0;
	return err_set(err, ERR_SYSTEM, errno, "sending to %s", to->sun_path);
}

int journal_log(const char *path, const struct journal_log_field *fields,
                size_t count, struct err *err)
{
	AUTO_BUF struct buf entry = BUF_LIMIT(JOURNAL_LOG_ENTRY_MAX);
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t len = strlen(path);

	if (len >= sizeof to.sun_path)
		return err_set(err, ERR_LIMIT, 0,
		               "the path of the socket '%s' is too long", path);
	memcpy(to.sun_path, path, len);
	if (journal_log_encode(fields, count, &entry, err) < 0)
		return -1;
	return entry.len > 0 ? send_entry(&to, &entry, err) : 0;
}

bool journal_log_reads(int fd)
{
	struct sockaddr_un peer = { .sun_family = AF_UNSPEC };
	socklen_t size = sizeof peer - 1; /* a NUL stays behind the path */
	size_t len;

	/* ENOTSOCK, ENOTCONN: something else. */
	if (getpeername(fd, (struct sockaddr *)&peer, &size) < 0 ||
	    peer.sun_family != AF_UNIX)
		return false;
	len = strlen(peer.sun_path);
	return len >= strlen(STREAM_START STREAM_END) &&
	       strncmp(peer.sun_path, STREAM_START, strlen(STREAM_START)) ==
	               0 &&
	       strcmp(peer.sun_path + len - strlen(STREAM_END), STREAM_END) ==
	               0;
}
