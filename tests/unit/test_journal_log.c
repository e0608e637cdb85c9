/* SPDX-License-Identifier: Apache-2.0 */
/* Entries for journald, read by a socket of the test's own. */
#include "base/journal_log.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "temp_dir.h"

struct entry_case {
	const char *name;
	struct journal_log_field fields[2];
	int want;
	enum err_code code;
	const char *bytes; /* on 0 */
	size_t len;
};

#define BYTES(text) (text), sizeof(text) - 1
#define N63         "A23456789012345678901234567890123456789012345678901234567890123"

static const struct entry_case cases[] = {
	{ "two fields",
	  { { "MESSAGE", "text" }, { "A_1", "b=c" } },
	  0,
	  ERR_NONE,
	  BYTES("MESSAGE=text\nA_1=b=c\n") },
	{ "an empty value", { { "A", "" } }, 0, ERR_NONE, BYTES("A=\n") },
	{ "no value",
	  { { "A", NULL }, { "B", "1" } },
	  0,
	  ERR_NONE,
	  BYTES("B=1\n") },
	{ "a value of two lines",
	  { { "A", "b\nC=d" }, { "E", "f" } },
	  0,
	  ERR_NONE,
	  BYTES("A\n\5\0\0\0\0\0\0\0b\nC=d\nE=f\n") },
	{ "the longest name",
	  { { N63 "4", "1" } },
	  0,
	  ERR_NONE,
	  BYTES(N63 "4=1\n") },
	{ "a longer name", { { N63 "45", "1" } }, -1, ERR_INTERNAL, NULL, 0 },
	{ "no name", { { "", "1" } }, -1, ERR_INTERNAL, NULL, 0 },
	{ "a name of journald's",
	  { { "_UID", "0" } },
	  -1,
	  ERR_INTERNAL,
	  NULL,
	  0 },
	{ "a small letter", { { "Uid", "0" } }, -1, ERR_INTERNAL, NULL, 0 },
	{ "a digit first", { { "1A", "0" } }, -1, ERR_INTERNAL, NULL, 0 },
	{ "a name with an equals sign",
	  { { "A=B", "0" } },
	  -1,
	  ERR_INTERNAL,
	  NULL,
	  0 },
};

static size_t count_fields(const struct entry_case *c)
{
	return c->fields[1].name != NULL ? 2 : 1;
}

static void an_entry_is_what_the_protocol_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct entry_case *c = &cases[i];
		AUTO_BUF struct buf out = BUF_NONE;
		struct err err = { .code = ERR_NONE };
		int got = journal_log_encode(c->fields, count_fields(c), &out,
		                             &err);

		if (got != c->want || err.code != c->code)
			fail_msg("%s: got %d, code %d", c->name, got,
			         (int)err.code);
		if (got == 0 && (out.len != c->len ||
		                 memcmp(buf_text(&out), c->bytes, c->len) != 0))
			fail_msg("%s: '%s'", c->name, buf_text(&out));
	}
}

static int listen_at(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_true(strlen(path) < sizeof at.sun_path);
	memcpy(at.sun_path, path, strlen(path));
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	return fd;
}

/* "MESSAGE=", a value of @len bytes, LF. */
static int send_long(const char *path, size_t len, struct err *err)
{
	struct journal_log_field field = { "MESSAGE", NULL };
	char *value = calloc(1, len + 1);
	int got;

	assert_non_null(value);
	memset(value, 'x', len);
	field.value = value;
	got = journal_log(path, &field, 1, err);
	free(value);
	return got;
}

/* Reads one entry, as journald would: the sender waits for that. */
static void *read_entry(void *context)
{
	static char entry[2 * JOURNAL_LOG_ENTRY_MAX];

	assert_int_equal(recv(*(int *)context, entry, sizeof entry, 0),
	                 JOURNAL_LOG_ENTRY_MAX);
	return NULL;
}

static void entries_arrive_up_to_the_largest(void **state)
{
	const size_t most = JOURNAL_LOG_ENTRY_MAX - strlen("MESSAGE=\n");
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	char path[sizeof dir.path + sizeof "/socket"];
	pthread_t reader;
	struct err err;
	char byte;
	int fd;

	(void)state;
	(void)snprintf(path, sizeof path, "%s/socket", dir.path);
	fd = listen_at(path);
	assert_int_equal(pthread_create(&reader, NULL, read_entry, &fd), 0);
	assert_int_equal(send_long(path, most, &err), 1);
	assert_int_equal(pthread_join(reader, NULL), 0);
	assert_int_equal(send_long(path, most + 1, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(close(fd), 0);
	/* The socket is still there, and nobody behind it. */
	assert_int_equal(send_long(path, 1, &err), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(send_long(path, 1, &err), 0);
}

static void a_path_has_a_limit(void **state)
{
	char path[sizeof((struct sockaddr_un *)0)->sun_path + 1];
	struct err err;

	(void)state;
	memset(path, 'a', sizeof path);
	path[sizeof path - 2] = '\0';
	assert_int_equal(send_long(path, 1, &err), 0);
	path[sizeof path - 2] = 'a';
	path[sizeof path - 1] = '\0';
	assert_int_equal(send_long(path, 1, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void other_outputs_are_not_journalds(void **state)
{
	int pair[2];
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(pipe(ends), 0);
	assert_false(journal_log_reads(pair[0]));
	assert_false(journal_log_reads(ends[1]));
	assert_false(journal_log_reads(-1));
	(void)close(pair[0]);
	(void)close(pair[1]);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_is_what_the_protocol_says),
		cmocka_unit_test(entries_arrive_up_to_the_largest),
		cmocka_unit_test(a_path_has_a_limit),
		cmocka_unit_test(other_outputs_are_not_journalds),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
