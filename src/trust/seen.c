/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/seen.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "codec/key_id.h"
#include "codec/scan.h"

#define COSIGN   "cosign:"
#define IDENTITY "identity:"

/* Their order in the text. */
static int compare_lines(const struct seen_line *a, const struct seen_line *b)
{
	if (a->sequence != b->sequence)
		return a->sequence < b->sequence ? -1 : 1;
	return memcmp(a->sha256, b->sha256, sizeof a->sha256);
}

static bool has_same_signers(const struct seen_line *a,
                             const struct seen_line *b)
{
	if (a->signer_count != b->signer_count)
		return false;
	for (size_t i = 0; i < a->signer_count; i++)
		if (signer_compare(&a->signers[i], &b->signers[i]) != 0)
			return false;
	return true;
}

/* --- reading --- */

/* The word up to the next blank, which is stepped over. */
static const char *take_word(struct scan *scan, size_t *len)
{
	const char *word = scan_word(scan, len);

	(void)scan_text(scan, " "); /* none behind the last word */
	return word;
}

static bool begins_with(const char *text, size_t len, const char *prefix)
{
	return len >= strlen(prefix) &&
	       memcmp(text, prefix, strlen(prefix)) == 0;
}

static int read_digest(const char *text, size_t len, struct signer *out,
                       struct err *err)
{
	out->has_key = true;
	return text_from_hex(text, len, out->key, sizeof out->key, err);
}

static int read_minisign(const char *text, size_t len, struct signer *out,
                         struct err *err)
{
	const size_t width = KEY_ID_TEXT - 1;

	if (len < width || key_id_parse(text, width, &out->id, err) < 0)
		return err_set(err, ERR_FORMAT, 0, "not a key id");
	if (len == width)
		return 0;
	if (text[width] != ':')
		return err_set(err, ERR_FORMAT, 0, "not a key id");
	return read_digest(text + width + 1, len - width - 1, out, err);
}

static int read_identity(const char *text, size_t len, struct signer *out,
                         struct err *err)
{
	if (!name_is_key(text, len))
		return err_set(err, ERR_FORMAT, 0, "not an identity");
	return text_copy(out->name, sizeof out->name, text, len, err);
}

static int read_signer(const char *text, size_t len, struct signer *out,
                       struct err *err)
{
	*out = (struct signer){ .kind = SIGNER_MINISIGN };
	if (begins_with(text, len, COSIGN)) {
		out->kind = SIGNER_COSIGN;
		return read_digest(text + strlen(COSIGN), len - strlen(COSIGN),
		                   out, err);
	}
	if (begins_with(text, len, IDENTITY)) {
		out->kind = SIGNER_IDENTITY;
		return read_identity(text + strlen(IDENTITY),
		                     len - strlen(IDENTITY), out, err);
	}
	return read_minisign(text, len, out, err);
}

static int read_signers(const char *text, size_t len, struct seen_line *out,
                        struct err *err)
{
	const char *end = text + len;

	for (;;) {
		struct signer *signer = &out->signers[out->signer_count];
		const char *comma = memchr(text, ',', (size_t)(end - text));
		const char *stop = comma != NULL ? comma : end;

		if (out->signer_count == SEEN_SIGNERS_MAX)
			return err_set(err, ERR_LIMIT, 0,
			               "more than %d signers",
			               SEEN_SIGNERS_MAX);
		if (read_signer(text, (size_t)(stop - text), signer, err) < 0)
			return -1;
		if (out->signer_count > 0 &&
		    signer_compare(signer - 1, signer) >= 0)
			return err_set(err, ERR_FORMAT, 0,
			               "signers do not ascend");
		out->signer_count++;
		if (comma == NULL)
			return 0;
		text = comma + 1;
	}
}

static int read_line(const char *text, size_t text_len, struct seen_line *out,
                     struct err *err)
{
	struct scan scan = { text, text_len };
	const char *word;
	size_t len;

	memset(out, 0, sizeof *out);
	word = take_word(&scan, &len);
	if (text_u64(word, len, SEQUENCE_MAX, &out->sequence, err) < 0)
		return -1;
	word = take_word(&scan, &len);
	if (!name_is_version(word, len))
		return err_set(err, ERR_FORMAT, 0, "not a version");
	if (text_copy(out->version, sizeof out->version, word, len, err) < 0)
		return -1;
	word = take_word(&scan, &len);
	if (text_from_hex(word, len, out->sha256, sizeof out->sha256, err) < 0)
		return -1;
	/* A blank in what is left is no part of a key id. */
	return read_signers(scan.at, scan.left, out, err);
}

static int read_next(const char **at, const char *end, struct seen *seen,
                     struct err *err)
{
	struct seen_line *line = &seen->lines[seen->count];
	const char *lf = memchr(*at, '\n', (size_t)(end - *at));

	if (seen->count == SEEN_LINES_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d lines",
		               SEEN_LINES_MAX);
	if (lf == NULL)
		return err_set(err, ERR_FORMAT, 0, "no line feed at the end");
	if (read_line(*at, (size_t)(lf - *at), line, err) < 0)
		return -1;
	if (seen->count > 0 && compare_lines(line - 1, line) >= 0)
		return err_set(err, ERR_FORMAT, 0, "lines do not ascend");
	seen->count++;
	*at = lf + 1;
	return 0;
}

int seen_parse(const char *text, size_t len, struct seen *out, struct err *err)
{
	AUTO_FREE struct seen *seen = calloc(1, sizeof *seen);
	const char *at = text;

	if (seen == NULL)
		return err_nomem(err);
	if (len > SEEN_TEXT_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "list of seen releases above %zu bytes",
		               SEEN_TEXT_MAX);
	while (at < text + len)
		if (read_next(&at, text + len, seen, err) < 0)
			return err_wrap(err, "list of seen releases, line %zu",
			                seen->count + 1);
	*out = *seen;
	return 0;
}

/* --- writing --- */

static int write_signer(const struct signer *signer, struct buf *out,
                        struct err *err)
{
	char key[2 * SIGNER_KEY_LEN + 1];
	char id[KEY_ID_TEXT];

	text_to_hex(signer->key, sizeof signer->key, key);
	switch (signer->kind) {
	case SIGNER_MINISIGN:
		key_id_text(signer->id, id);
		return buf_printf(out, err, "%s%s%s", id,
		                  signer->has_key ? ":" : "",
		                  signer->has_key ? key : "");
	case SIGNER_COSIGN:
		return buf_printf(out, err, COSIGN "%s", key);
	case SIGNER_IDENTITY:
		return buf_printf(out, err, IDENTITY "%s", signer->name);
	}
	return 0;
}

static int write_line(const struct seen_line *line, struct buf *out,
                      struct err *err)
{
	char hex[2 * DIGEST_LEN + 1];

	text_to_hex(line->sha256, sizeof line->sha256, hex);
	if (buf_printf(out, err, "%llu %s %s",
	               (unsigned long long)line->sequence, line->version,
	               hex) < 0)
		return -1;
	for (size_t i = 0; i < line->signer_count; i++)
		if (buf_adds(out, i == 0 ? " " : ",", err) < 0 ||
		    write_signer(&line->signers[i], out, err) < 0)
			return -1;
	return buf_adds(out, "\n", err);
}

int seen_format(const struct seen *seen, struct buf *out, struct err *err)
{
	for (size_t i = 0; i < seen->count; i++)
		if (write_line(&seen->lines[i], out, err) < 0)
			return -1;
	return 0;
}

/* --- adding --- */

/* What the text does not hold must not tell two lists apart. */
static struct signer strip(const struct signer *signer)
{
	struct signer bare = *signer;

	memset(bare.subject, 0, sizeof bare.subject);
	if (signer->kind != SIGNER_IDENTITY)
		memset(bare.name, 0, sizeof bare.name);
	return bare;
}

static void add_signers(struct seen_line *to, const struct seen_line *from)
{
	for (size_t i = 0; i < from->signer_count; i++) {
		struct signer bare = strip(&from->signers[i]);

		/* What finds no room is left out. */
		(void)signers_add(to->signers, &to->signer_count,
		                  SEEN_SIGNERS_MAX, &bare);
	}
}

static void remove_line(struct seen *seen, size_t at)
{
	seen->count--;
	memmove(&seen->lines[at], &seen->lines[at + 1],
	        (seen->count - at) * sizeof seen->lines[0]);
}

/* Make room for one more line by @line's signers. */
static void make_room(struct seen *seen, const struct seen_line *line)
{
	size_t lowest = 0, same = 0;

	for (size_t i = seen->count; i-- > 0;) {
		if (!has_same_signers(&seen->lines[i], line))
			continue;
		lowest = i;
		same++;
	}
	if (same >= SEEN_PER_SIGNERS)
		remove_line(seen, lowest);
	if (seen->count == SEEN_LINES_MAX)
		remove_line(seen, 0);
}

void seen_add(struct seen *seen, const struct seen_line *line)
{
	struct seen_line sorted = *line;
	size_t at = 0;

	sorted.signer_count = 0;
	memset(sorted.signers, 0, sizeof sorted.signers);
	add_signers(&sorted, line);
	for (size_t i = 0; i < seen->count; i++)
		if (compare_lines(&seen->lines[i], &sorted) == 0) {
			add_signers(&seen->lines[i], &sorted);
			return;
		}
	make_room(seen, &sorted);
	while (at < seen->count && compare_lines(&seen->lines[at], &sorted) < 0)
		at++;
	memmove(&seen->lines[at + 1], &seen->lines[at],
	        (seen->count - at) * sizeof seen->lines[0]);
	seen->lines[at] = sorted;
	seen->count++;
}
