/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/http_answer.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define STATUS_AT  9 /* behind "HTTP/1.1 " */
#define STATUS_LEN 3

/* The length of the head with its empty line; 0: it has no end. */
static size_t head_len(struct bytes text)
{
	const char *end = memmem(text.data, text.len, "\r\n\r\n", 4);

	return end != NULL ? (size_t)(end - (const char *)text.data) + 4 : 0;
}

static int read_status(const char *head, size_t len, unsigned *out,
                       struct err *err)
{
	uint64_t status;

	if (len < STATUS_AT + STATUS_LEN + 2 ||
	    memcmp(head, "HTTP/1.", 7) != 0 || head[8] != ' ' ||
	    (head[STATUS_AT + STATUS_LEN] != ' ' &&
	     head[STATUS_AT + STATUS_LEN] != '\r') ||
	    text_u64(head + STATUS_AT, STATUS_LEN, 599, &status, err) < 0 ||
	    status < 100)
		return err_set(err, ERR_FORMAT, 0, "it does not speak HTTP");
	*out = (unsigned)status;
	return 0;
}

static bool is_field(const char *line, size_t len, const char *name)
{
	size_t n = strlen(name);

	return len > n && line[n] == ':' && strncasecmp(line, name, n) == 0;
}

/* A field that says how the body is framed. */
static int check_field(const char *line, size_t len, size_t body,
                       struct err *err)
{
	static const char length[] = "Content-Length";
	size_t at = sizeof length; /* behind the colon */
	uint64_t said;

	if (is_field(line, len, "Transfer-Encoding"))
		return err_set(err, ERR_FORMAT, 0,
		               "it answers in a framing that HTTP/1.0 has not");
	if (!is_field(line, len, length))
		return 0;
	while (at < len && line[at] == ' ')
		at++;
	if (text_u64(line + at, len - at, SIZE_MAX / 2, &said, err) < 0)
		return err_wrap(err, "%s", length);
	if (said != body)
		return err_set(err, ERR_FORMAT, 0,
		               "its answer has %zu bytes of %llu", body,
		               (unsigned long long)said);
	return 0;
}

static int check_fields(const char *head, size_t len, size_t body,
                        struct err *err)
{
	while (len > 0) {
		const char *end = memmem(head, len, "\r\n", 2);
		size_t n = end != NULL ? (size_t)(end - head) : len;

		if (check_field(head, n, body, err) < 0)
			return -1;
		if (end == NULL)
			break;
		head += n + 2;
		len -= n + 2;
	}
	return 0;
}

int http_answer_read(struct bytes text, struct http_answer *out,
                     struct err *err)
{
	const char *head = (const char *)text.data;
	struct http_answer answer;
	size_t len = text.len > 0 ? head_len(text) : 0;

	if (len > HTTP_ANSWER_HEAD_MAX ||
	    (len == 0 && text.len > HTTP_ANSWER_HEAD_MAX))
		return err_set(err, ERR_LIMIT, 0,
		               "the head of its answer has more than %zu bytes",
		               HTTP_ANSWER_HEAD_MAX);
	if (len == 0)
		return err_set(err, ERR_FORMAT, 0,
		               text.len == 0 ? "it gives no answer"
		                             : "its answer has no end");
	if (read_status(head, len, &answer.status, err) < 0)
		return -1;
	answer.body = (struct bytes){ text.data + len, text.len - len };
	if (check_fields(head, len - 4, answer.body.len, err) < 0)
		return -1;
	*out = answer;
	return 0;
}
