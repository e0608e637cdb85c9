/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include <stdlib.h>
#include <string.h>

#include "store/links.h"
#include "store/releases.h"
#include "store/seen.h"
#include "trust/advance.h"

static int read_noted(const struct session *session, struct seen *out,
                      struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(SEEN_TEXT_MAX);

	if (session->store.app >= 0 &&
	    seen_read(&session->store, &text, err) < 0)
		return -1;
	if (seen_parse(buf_text(&text), text.len, out, err) < 0)
		return err_wrap(err, "the record of releases seen");
	return 0;
}

static void fill_line(const struct receipt *receipt, struct seen_line *out)
{
	*out = (struct seen_line){ .sequence = receipt->sequence };
	memcpy(out->version, receipt->version, sizeof out->version);
	memcpy(out->sha256, receipt->release_sha256, sizeof out->sha256);
	for (size_t i = 0;
	     i < receipt->signer_count && out->signer_count < SEEN_SIGNERS_MAX;
	     i++)
		out->signers[out->signer_count++] = receipt->signers[i];
}

/* A damaged release tells nothing, and must not keep its repair from coming. */
static int add_current(const struct session *session, struct seen *seen,
                       struct err *err)
{
	const struct store *store = &session->store;
	char version[VERSION_SIZE];
	struct installed found;
	struct receipt receipt;
	struct seen_line line;
	int got = store->app >= 0 ? link_read(store, LINK_CURRENT, version, err)
	                          : 0;

	if (got == 1)
		got = store_find(store, version, &found, err);
	if (got <= 0 || found.is_damaged)
		return got < 0 ? -1 : 0;
	got = store_receipt(store, version, &receipt, err);
	if (got <= 0)
		return got;
	fill_line(&receipt, &line);
	seen_add(seen, &line);
	return 0;
}

int progress_read(const struct session *session, struct seen *out,
                  struct err *err)
{
	AUTO_FREE struct seen *seen = calloc(1, sizeof *seen);

	if (seen == NULL)
		return err_nomem(err);
	if (read_noted(session, seen, err) < 0 ||
	    add_current(session, seen, err) < 0)
		return -1;
	*out = *seen;
	return 0;
}

/* Write @seen, unless the store says the same already. */
static int write_noted(const struct session *session, const struct seen *seen,
                       struct err *err)
{
	AUTO_BUF struct buf before = BUF_LIMIT(SEEN_TEXT_MAX);
	AUTO_BUF struct buf text = BUF_LIMIT(SEEN_TEXT_MAX);

	if (seen_read(&session->store, &before, err) < 0 ||
	    seen_format(seen, &text, err) < 0)
		return -1;
	if (before.len == text.len &&
	    memcmp(buf_text(&before), buf_text(&text), text.len) == 0)
		return 0;
	return seen_write(&session->store, text.data, text.len, err);
}

int progress_note(const struct session *session,
                  const struct verification_result *verified, struct err *err)
{
	AUTO_FREE struct seen *seen = calloc(1, sizeof *seen);

	if (seen == NULL)
		return err_nomem(err);
	if (progress_read(session, seen, err) < 0)
		return -1;
	advance_note(seen, verified);
	return write_noted(session, seen, err);
}

int progress_note_current(const struct session *session, struct err *err)
{
	AUTO_FREE struct seen *seen = calloc(1, sizeof *seen);

	if (seen == NULL)
		return err_nomem(err);
	if (progress_read(session, seen, err) < 0)
		return -1;
	return write_noted(session, seen, err);
}
