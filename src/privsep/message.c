/* SPDX-License-Identifier: Apache-2.0 */
#include "privsep/message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/text.h"

#define BIT(type) (1u << (type))

enum how_often { ONCE, OFTEN, LAST };

/* The whole protocol. */
static const struct rule {
	const char *name;
	enum message_side from;
	size_t size;
	enum how_often often;
	uint32_t after; /* types that must have come before it */
} rules[MESSAGE_TYPES] = {
	[MESSAGE_READY] = { "READY", SIDE_WORKER, sizeof(struct message_plain),
	                    ONCE, 0 },
	[MESSAGE_START] = { "START", SIDE_MONITOR, sizeof(struct message_start),
	                    ONCE, 0 },
	[MESSAGE_SLOT] = { "SLOT", SIDE_WORKER, sizeof(struct message_slot),
	                   OFTEN, BIT(MESSAGE_READY) },
	[MESSAGE_CREDIT] = { "CREDIT", SIDE_MONITOR,
	                     sizeof(struct message_plain), OFTEN,
	                     BIT(MESSAGE_START) },
	[MESSAGE_GO] = { "GO", SIDE_MONITOR, sizeof(struct message_plain),
	                 OFTEN, BIT(MESSAGE_START) },
	[MESSAGE_VERDICT] = { "VERDICT", SIDE_WORKER,
	                      sizeof(struct message_verdict), OFTEN,
	                      BIT(MESSAGE_READY) },
	[MESSAGE_DONE] = { "DONE", SIDE_WORKER, sizeof(struct message_plain),
	                   LAST, BIT(MESSAGE_READY) },
	/* A child that cannot even be made a worker fails before READY. */
	[MESSAGE_FAILED] = { "FAILED", SIDE_WORKER,
	                     sizeof(struct message_failed), LAST, 0 },
};

#define LAST_TYPES (BIT(MESSAGE_DONE) | BIT(MESSAGE_FAILED))

int message_send(const struct message_channel *channel,
                 const union message *message, struct err *err)
{
	const struct rule *rule = &rules[message->type];
	int flags = MSG_NOSIGNAL;
	ssize_t n;

	/* The monitor never waits for a worker that does not read: with all
	 * credits unread there is still room in the socket. */
	if (channel->side == SIDE_MONITOR)
		flags |= MSG_DONTWAIT;
	do
		n = send(channel->fd, message, rule->size, flags);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return err_set(err, ERR_LIMIT, 0, "does not read its messages");
	if (n < 0)
		return err_set(err, ERR_SYSTEM, errno, "sending %s",
		               rule->name);
	return 0;
}

/* A job has one kind of answer, and verdicts have an end. */
static int check_answer(const struct message_channel *channel, uint32_t type,
                        struct err *err)
{
	if ((type == MESSAGE_SLOT && channel->answer != ANSWER_SLOTS) ||
	    (type == MESSAGE_VERDICT && channel->answer != ANSWER_VERDICTS))
		return err_set(err, ERR_FORMAT, 0, "%s is no answer to its job",
		               rules[type].name);
	if (type == MESSAGE_VERDICT && channel->verdicts == VERDICTS_MAX)
		return err_set(err, ERR_FORMAT, 0, "more than %d verdicts",
		               VERDICTS_MAX);
	return 0;
}

/* Whether @message, of @size bytes, may come to @channel now. */
static int check_rule(const struct message_channel *channel,
                      const union message *message, size_t size,
                      struct err *err)
{
	const struct rule *rule;

	if (size < sizeof message->type)
		return err_set(err, ERR_FORMAT, 0, "a message of %zu bytes",
		               size);
	if (message->type >= MESSAGE_TYPES || message->type == MESSAGE_NONE)
		return err_set(err, ERR_FORMAT, 0, "unknown message %u",
		               message->type);
	rule = &rules[message->type];
	if (rule->from == channel->side)
		return err_set(err, ERR_FORMAT, 0, "%s is not its to send",
		               rule->name);
	if (size != rule->size)
		return err_set(err, ERR_FORMAT, 0, "%s has %zu bytes, not %zu",
		               rule->name, size, rule->size);
	if ((channel->seen & rule->after) != rule->after ||
	    (channel->seen & LAST_TYPES) != 0)
		return err_set(err, ERR_FORMAT, 0, "%s out of order",
		               rule->name);
	if (rule->often != OFTEN && (channel->seen & BIT(message->type)) != 0)
		return err_set(err, ERR_FORMAT, 0, "%s came twice", rule->name);
	return check_answer(channel, message->type, err);
}

static int check_failed(const struct message_failed *failed, struct err *err)
{
	if (failed->code < FAILURE_FORMAT || failed->code >= FAILURE_CODES)
		return err_set(err, ERR_FORMAT, 0, "FAILED with code %u",
		               failed->code);
	if (failed->sys > 4095) /* MAX_ERRNO of the kernel */
		return err_set(err, ERR_FORMAT, 0, "FAILED with errno %u",
		               failed->sys);
	if (failed->len == 0 || failed->len > sizeof failed->text)
		return err_set(err, ERR_FORMAT, 0, "FAILED with %u bytes",
		               failed->len);
	if (!text_is_printable(failed->text, failed->len))
		return err_set(err, ERR_FORMAT, 0,
		               "FAILED with unprintable text");
	return 0;
}

int message_receive(struct message_channel *channel, union message *out,
                    struct err *err)
{
	union message message;
	struct iovec part = { &message, sizeof message };
	struct msghdr head = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t n;

	memset(&message, 0, sizeof message);
	/* A peer that dies with our message unread gives ECONNRESET, once, and
	 * only then what it had sent before: its last word counts. */
	for (int resets = 0;;) {
		n = recvmsg(channel->fd, &head, 0);
		if (n >= 0 || (errno != EINTR && errno != ECONNRESET))
			break;
		if (errno == ECONNRESET && ++resets > 1)
			return 0;
	}
	if (n == 0)
		return 0;
	if (n < 0)
		return err_set(err, ERR_SYSTEM, errno, "receiving a message");
	/* No room for control data is given, so the kernel drops descriptors
	 * and says so: nothing of the peer's is ever opened here. */
	if ((head.msg_flags & MSG_CTRUNC) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "a message with a descriptor");
	if ((head.msg_flags & MSG_TRUNC) != 0)
		return err_set(err, ERR_FORMAT, 0, "an oversized message");
	if (check_rule(channel, &message, (size_t)n, err) < 0)
		return -1;
	if (message.type == MESSAGE_FAILED &&
	    check_failed(&message.failed, err) < 0)
		return -1;
	if (message.type == MESSAGE_VERDICT) {
		if (verdict_check(&message.verdict.verdict, err) < 0)
			return -1;
		channel->verdicts++;
	}
	channel->seen |= BIT(message.type);
	*out = message;
	return 1;
}

static enum failure_code failure_of(enum err_code code)
{
	switch (code) {
	case ERR_FORMAT:
		return FAILURE_FORMAT;
	case ERR_LIMIT:
		return FAILURE_LIMIT;
	case ERR_UNTRUSTED:
		return FAILURE_UNTRUSTED;
	case ERR_NETWORK:
		return FAILURE_NETWORK;
	case ERR_USAGE:
		return FAILURE_USAGE;
	case ERR_NONE:
	case ERR_FINDINGS:
	case ERR_SYSTEM:
	case ERR_CONFLICT:
	case ERR_UNHEALTHY:
	case ERR_STRANDED:
	case ERR_LOCKED:
	case ERR_INTERNAL:
		break;
	}
	return FAILURE_SYSTEM;
}

/* Make @text printable: a text that was cut may have lost the end of its last
 * character; one that is broken otherwise keeps only its ASCII. */
static size_t make_printable(char *text, size_t len)
{
	/* struct err cuts as well. */
	size_t torn_max = len >= ERR_TEXT_MAX - 1 ? 3 : 0;

	for (size_t torn = 0; torn <= torn_max; torn++)
		if (text_is_printable(text, len - torn))
			return len - torn;
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte < 0x20 || byte >= 0x7f)
			text[i] = '?';
	}
	return len;
}

void message_failure(const struct err *cause, union message *out)
{
	char text[MESSAGE_TEXT_MAX + 1];
	size_t len = strlen(err_format(cause, text, sizeof text));

	memset(out, 0, sizeof *out);
	if (len == 0) {
		text[0] = '?';
		len = 1;
	}
	out->failed.type = MESSAGE_FAILED;
	out->failed.code = failure_of(cause->code);
	out->failed.len = (uint32_t)make_printable(text, len);
	memcpy(out->failed.text, text, out->failed.len);
}
