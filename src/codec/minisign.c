/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/minisign.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "codec/base64.h"

/* What the base64 lines hold: algorithm, key id and so on, without padding. */
#define PUBLIC_SIZE    ((size_t)2 + MINISIGN_ID_LEN + MINISIGN_KEY_LEN)
#define SIGNATURE_SIZE ((size_t)2 + MINISIGN_ID_LEN + MINISIGN_SIG_LEN)
#define SECRET_SIZE                                                            \
	((size_t)6 + MINISIGN_SALT_LEN + 16 + MINISIGN_ID_LEN +                \
	 MINISIGN_SEED_LEN + MINISIGN_CHECKSUM_LEN)

static const char untrusted_prefix[] = "untrusted comment: ";
static const char trusted_prefix[] = "trusted comment: ";

struct line {
	const char *text; /* borrowed; without its LF */
	size_t len;
};

enum last_line { LAST_NEEDS_LF, LAST_MAY_LACK_LF };

/* The next line of the text between *at and @end; an empty text has none. */
static int take_line(const char **at, const char *end, enum last_line last,
                     struct line *out, struct err *err)
{
	const char *lf;

	if (*at == end)
		return err_set(err, ERR_FORMAT, 0, "a line is missing");
	lf = memchr(*at, '\n', (size_t)(end - *at));
	if (lf == NULL && last == LAST_NEEDS_LF)
		return err_set(err, ERR_FORMAT, 0,
		               "the last line does not end in a line feed");
	out->text = *at;
	out->len = (size_t)((lf != NULL ? lf : end) - *at);
	*at = lf != NULL ? lf + 1 : end;
	return 0;
}

static int check_size(size_t len, struct err *err)
{
	if (len > MINISIGN_FILE_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "minisign file of %zu bytes; at most %d", len,
		               MINISIGN_FILE_MAX);
	return 0;
}

static int require_end(const char *at, const char *end, struct err *err)
{
	if (at != end)
		return err_set(err, ERR_FORMAT, 0, "too many lines");
	return 0;
}

/* minisign's own trusted comments hold tabs ("timestamp:1	file:x"). */
static bool is_comment(const char *text, size_t len)
{
	size_t from = 0;

	for (size_t i = 0; i <= len; i++) {
		if (i < len && text[i] != '\t')
			continue;
		if (!text_is_printable(text + from, i - from))
			return false;
		from = i + 1;
	}
	return true;
}

/* Cut @prefix off the line. */
static int read_comment(struct line *line, const char *prefix, struct err *err)
{
	size_t skip = strlen(prefix);

	if (line->len < skip || memcmp(line->text, prefix, skip) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "a line does not begin with '%s'", prefix);
	line->text += skip;
	line->len -= skip;
	if (!is_comment(line->text, line->len))
		return err_set(err, ERR_FORMAT, 0,
		               "a comment is not printable UTF-8");
	return 0;
}

static int read_base64(const struct line *line, uint8_t *out, size_t size,
                       struct err *err)
{
	return base64_decode_exact(line->text, line->len, out, size, err);
}

static int write_base64(const uint8_t *data, size_t size, struct buf *out,
                        struct err *err)
{
	return base64_add(out, data, size, err) < 0 ? -1
	                                            : buf_adds(out, "\n", err);
}

static int write_comment(const char *prefix, const char *comment,
                         struct buf *out, struct err *err)
{
	if (!is_comment(comment, strlen(comment)))
		return err_set(err, ERR_USAGE, 0,
		               "comment '%s' is not printable UTF-8", comment);
	return buf_printf(out, err, "%s%s\n", prefix, comment);
}

static uint64_t load_le64(const uint8_t in[8])
{
	uint64_t value = 0;

	for (size_t i = 8; i-- > 0;)
		value = value << 8 | in[i];
	return value;
}

static void store_le64(uint64_t value, uint8_t out[8])
{
	for (size_t i = 0; i < 8; i++)
		out[i] = (uint8_t)(value >> (8 * i));
}

/* Fields lie one behind the other in the decoded bytes. */
static void take_field(const uint8_t **at, uint8_t *out, size_t size)
{
	memcpy(out, *at, size);
	*at += size;
}

static void put_field(uint8_t **at, const uint8_t *in, size_t size)
{
	memcpy(*at, in, size);
	*at += size;
}

static uint64_t take_le64(const uint8_t **at)
{
	uint8_t bytes[8];

	take_field(at, bytes, sizeof bytes);
	return load_le64(bytes);
}

static void put_le64(uint8_t **at, uint64_t value)
{
	store_le64(value, *at);
	*at += 8;
}

void minisign_id_text(uint64_t id, char out[MINISIGN_ID_TEXT])
{
	(void)snprintf(out, MINISIGN_ID_TEXT, "%016" PRIX64, id);
}

int minisign_parse_public(const char *text, size_t len,
                          struct minisign_public *out, struct err *err)
{
	const char *at = text, *end = text + len;
	uint8_t raw[PUBLIC_SIZE];
	const uint8_t *field = raw + 2;
	struct line line;

	if (check_size(len, err) < 0 ||
	    take_line(&at, end, LAST_MAY_LACK_LF, &line, err) < 0)
		return err_wrap(err, "reading a minisign public key");
	if (at != end &&
	    (read_comment(&line, untrusted_prefix, err) < 0 ||
	     take_line(&at, end, LAST_MAY_LACK_LF, &line, err) < 0 ||
	     require_end(at, end, err) < 0))
		return err_wrap(err, "reading a minisign public key");
	if (read_base64(&line, raw, sizeof raw, err) < 0)
		return err_wrap(err, "reading a minisign public key");
	if (memcmp(raw, "Ed", 2) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "not a minisign public key: its algorithm is "
		               "not Ed");
	out->id = take_le64(&field);
	take_field(&field, out->key, sizeof out->key);
	return 0;
}

/* "Ed" is the older kind, over the file itself: minisign -l. */
static int check_prehashed(const uint8_t algorithm[2], struct err *err)
{
	if (memcmp(algorithm, "ED", 2) == 0)
		return 0;
	if (memcmp(algorithm, "Ed", 2) == 0)
		return err_set(err, ERR_FORMAT, 0,
		               "legacy signature (algorithm Ed); sign without "
		               "minisign's -l");
	return err_set(err, ERR_FORMAT, 0, "signature algorithm is not ED");
}

static int parse_signature_lines(const char *text, size_t len,
                                 struct minisign_signature *out,
                                 struct err *err)
{
	const char *at = text, *end = text + len;
	uint8_t raw[SIGNATURE_SIZE];
	const uint8_t *field = raw + 2;
	struct line line[4];

	if (check_size(len, err) < 0)
		return -1;
	for (size_t i = 0; i < 4; i++)
		if (take_line(&at, end, LAST_NEEDS_LF, &line[i], err) < 0)
			return -1;
	if (require_end(at, end, err) < 0 ||
	    read_comment(&line[0], untrusted_prefix, err) < 0 ||
	    read_base64(&line[1], raw, sizeof raw, err) < 0 ||
	    check_prehashed(raw, err) < 0 ||
	    read_comment(&line[2], trusted_prefix, err) < 0 ||
	    read_base64(&line[3], out->global, sizeof out->global, err) < 0)
		return -1;
	out->id = take_le64(&field);
	take_field(&field, out->signature, sizeof out->signature);
	return text_copy(out->comment, sizeof out->comment, line[2].text,
	                 line[2].len, err);
}

int minisign_parse_signature(const char *text, size_t len,
                             struct minisign_signature *out, struct err *err)
{
	struct minisign_signature parsed;

	if (parse_signature_lines(text, len, &parsed, err) < 0)
		return err_wrap(err, "reading a minisign signature");
	*out = parsed;
	return 0;
}

static int read_secret_algorithms(const uint8_t raw[6], bool *is_encrypted,
                                  struct err *err)
{
	static const uint8_t plain[2] = { 0, 0 };

	if (memcmp(raw, "Ed", 2) != 0 || memcmp(raw + 4, "B2", 2) != 0 ||
	    (memcmp(raw + 2, "Sc", 2) != 0 && memcmp(raw + 2, plain, 2) != 0))
		return err_set(err, ERR_FORMAT, 0,
		               "algorithms are not Ed, B2, and Sc or none");
	*is_encrypted = raw[2] != 0;
	return 0;
}

static int parse_secret_line(const struct line *line, uint8_t raw[SECRET_SIZE],
                             struct minisign_secret *out, struct err *err)
{
	const uint8_t *field = raw + 6;
	bool is_encrypted = false;

	if (read_base64(line, raw, SECRET_SIZE, err) < 0 ||
	    read_secret_algorithms(raw, &is_encrypted, err) < 0)
		return -1;
	out->is_encrypted = is_encrypted;
	take_field(&field, out->salt, sizeof out->salt);
	out->opslimit = take_le64(&field);
	out->memlimit = take_le64(&field);
	take_field(&field, out->id, sizeof out->id);
	take_field(&field, out->key, sizeof out->key);
	take_field(&field, out->checksum, sizeof out->checksum);
	return 0;
}

int minisign_parse_secret(const char *text, size_t len,
                          struct minisign_secret *out, struct err *err)
{
	const char *at = text, *end = text + len;
	uint8_t raw[SECRET_SIZE];
	struct line comment, line;
	int result;

	if (check_size(len, err) < 0 ||
	    take_line(&at, end, LAST_NEEDS_LF, &comment, err) < 0 ||
	    take_line(&at, end, LAST_NEEDS_LF, &line, err) < 0 ||
	    require_end(at, end, err) < 0 ||
	    read_comment(&comment, untrusted_prefix, err) < 0)
		return err_wrap(err, "reading a minisign secret key");
	result = parse_secret_line(&line, raw, out, err);
	sodium_memzero(raw, sizeof raw);
	if (result < 0)
		return err_wrap(err, "reading a minisign secret key");
	return 0;
}

int minisign_write_public(const struct minisign_public *in, struct buf *out,
                          struct err *err)
{
	uint8_t raw[PUBLIC_SIZE] = { 'E', 'd' };
	uint8_t *at = raw + 2;
	char id[MINISIGN_ID_TEXT];

	minisign_id_text(in->id, id);
	put_le64(&at, in->id);
	put_field(&at, in->key, sizeof in->key);
	if (buf_printf(out, err, "%sminisign public key %s\n", untrusted_prefix,
	               id) < 0)
		return -1;
	return write_base64(raw, sizeof raw, out, err);
}

int minisign_write_signature(const struct minisign_signature *in,
                             const char *comment, struct buf *out,
                             struct err *err)
{
	uint8_t raw[SIGNATURE_SIZE] = { 'E', 'D' };
	uint8_t *at = raw + 2;

	put_le64(&at, in->id);
	put_field(&at, in->signature, sizeof in->signature);
	if (strlen(comment) > MINISIGN_UNTRUSTED_MAX)
		return err_set(err, ERR_USAGE, 0,
		               "untrusted comment of more than %d bytes",
		               MINISIGN_UNTRUSTED_MAX);
	if (write_comment(untrusted_prefix, comment, out, err) < 0 ||
	    write_base64(raw, sizeof raw, out, err) < 0 ||
	    write_comment(trusted_prefix, in->comment, out, err) < 0)
		return -1;
	return write_base64(in->global, sizeof in->global, out, err);
}

int minisign_write_secret(const struct minisign_secret *in, struct buf *out,
                          struct err *err)
{
	uint8_t raw[SECRET_SIZE] = { 'E', 'd', 0, 0, 'B', '2' };
	uint8_t *at = raw + 6;
	int result;

	/* All room at once: growing would leave copies of the key behind. */
	if (buf_reserve(out, MINISIGN_FILE_MAX, err) < 0)
		return -1;
	/* minisign says "encrypted" of plain keys, too. */
	if (write_comment(untrusted_prefix, "minisign encrypted secret key",
	                  out, err) < 0)
		return -1;
	raw[2] = in->is_encrypted ? 'S' : 0;
	raw[3] = in->is_encrypted ? 'c' : 0;
	put_field(&at, in->salt, sizeof in->salt);
	put_le64(&at, in->opslimit);
	put_le64(&at, in->memlimit);
	put_field(&at, in->id, sizeof in->id);
	put_field(&at, in->key, sizeof in->key);
	put_field(&at, in->checksum, sizeof in->checksum);
	result = write_base64(raw, sizeof raw, out, err);
	sodium_memzero(raw, sizeof raw);
	return result;
}
