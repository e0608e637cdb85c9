/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/seen.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "codec/key_id.h"
#include "codec/scan.h"

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
	return a->signer_count == b->signer_count &&
	       memcmp(a->signers, b->signers,
	              a->signer_count * sizeof a->signers[0]) == 0;
}

/* --- reading --- */

/* The word up to the next blank, which is stepped over. */
static const char *take_word(struct scan *scan, size_t *len)
{
	const char *word = scan_word(scan, len);

	(void)scan_text(scan, " "); /* none behind the last word */
	return word;
}

static int read_signers(const char *text, size_t len, struct seen_line *out,
                        struct err *err)
{
	const size_t width = KEY_ID_TEXT - 1;

	for (size_t at = 0;; at += width + 1) {
		uint64_t *id = &out->signers[out->signer_count];

		if (out->signer_count == SEEN_SIGNERS_MAX)
			return err_set(err, ERR_LIMIT, 0,
			               "more than %d signers",
			               SEEN_SIGNERS_MAX);
		if (len - at < width ||
		    key_id_parse(text + at, width, id, err) < 0)
			return err_set(err, ERR_FORMAT, 0, "not a key id");
		if (out->signer_count > 0 && id[-1] >= *id)
			return err_set(err, ERR_FORMAT, 0,
			               "key ids do not ascend");
		out->signer_count++;
		if (len - at == width)
			return 0;
		if (text[at + width] != ',')
			return err_set(err, ERR_FORMAT, 0, "not a key id");
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

static int write_line(const struct seen_line *line, struct buf *out,
                      struct err *err)
{
	char hex[2 * DIGEST_LEN + 1];

	text_to_hex(line->sha256, sizeof line->sha256, hex);
	if (buf_printf(out, err, "%llu %s %s",
	               (unsigned long long)line->sequence, line->version,
	               hex) < 0)
		return -1;
	for (size_t i = 0; i < line->signer_count; i++) {
		char id[KEY_ID_TEXT];

		key_id_text(line->signers[i], id);
		if (buf_printf(out, err, "%c%s", i == 0 ? ' ' : ',', id) < 0)
			return -1;
	}
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

static void add_signer(struct seen_line *line, uint64_t id)
{
	size_t at = 0;

	while (at < line->signer_count && line->signers[at] < id)
		at++;
	if (line->signer_count == SEEN_SIGNERS_MAX ||
	    (at < line->signer_count && line->signers[at] == id))
		return;
	memmove(&line->signers[at + 1], &line->signers[at],
	        (line->signer_count - at) * sizeof line->signers[0]);
	line->signers[at] = id;
	line->signer_count++;
}

static void add_signers(struct seen_line *to, const struct seen_line *from)
{
	for (size_t i = 0; i < from->signer_count; i++)
		add_signer(to, from->signers[i]);
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
