/* SPDX-License-Identifier: Apache-2.0 */
/* The plan that takes what installed releases lack from a patch, where that is
 * cheaper than ranges of the payload. */
#include "base/cleanup.h"
#include "codec/digest_set.h"
#include "delta.h"
#include "store/cursor.h"
#include "store/patch_base.h"
#include "store/space.h"
#include "store/spool.h"

#define SPANS_AT_ONCE (1024 * sizeof(struct payload_span))

/* --- the plan --- */

/* The files of the new release beside those that its base has. */
struct match {
	struct delta *delta;
	struct digest_set base; /* owned */
	struct tree_cursor tree;
	struct buf spans; /* not yet written */
	uint64_t at;      /* of the new stream */
};

static void match_done(struct match *match)
{
	digest_set_done(&match->base);
	tree_cursor_done(&match->tree);
	buf_done(&match->spans);
}

static int want_file(struct match *match, struct err *err)
{
	const struct payload_span span = {
		.mtree_line = match->tree.reader.line,
		.offset = match->at,
		.size = match->tree.entry.size,
	};

	match->at += span.size;
	match->delta->span_count++;
	if (buf_add(&match->spans, &span, sizeof span, err) < 0)
		return -1;
	return match->spans.len < SPANS_AT_ONCE
	               ? 0
	               : delta_flush_spans(match->delta, &match->spans, err);
}

static int take_file(struct match *match, struct err *err)
{
	const struct mtree_entry *entry = &match->tree.entry;

	if (!digest_set_has(&match->base, entry->sha256))
		return want_file(match, err);
	/* More files than reuse.h has room for: ranges serve those. */
	if (reuse_find(&match->delta->reuse, entry->sha256) == NULL)
		return err_set(err, ERR_LIMIT, 0, "too many files for a patch");
	match->delta->reused_files++;
	match->delta->reused_bytes += entry->size;
	return 0;
}

static int match_files(struct match *match, int mtree, struct err *err)
{
	int got;

	tree_cursor_begin(&match->tree, mtree);
	while ((got = tree_cursor_next_file(&match->tree, err)) == 1)
		if (take_file(match, err) < 0)
			return -1;
	return got < 0 ? -1
	               : delta_flush_spans(match->delta, &match->spans, err);
}

static int plan_patch(const struct store *store, int mtree, struct delta *delta,
                      struct err *err)
{
	AUTO(match_done)
	struct match match = { .delta = delta,
		               .base = DIGEST_SET_NONE,
		               .tree = TREE_CURSOR_NONE,
		               .spans = BUF_NONE };

	/* What is reused is the base's alone: where another release has a file,
	 * too, the patch has it. */
	if (delta_open_spans(delta, err) < 0 ||
	    patch_base_files(store, delta->base, &match.base, err) < 0 ||
	    reuse_want_files(&delta->reuse, mtree, err) < 0 ||
	    reuse_search_in(&delta->reuse, store, delta->base, err) < 0)
		return -1;
	return match_files(&match, mtree, err);
}

/* A request costs about as much as PLAN_GAP bytes. */
static bool is_cheaper(const struct delta *patch,
                       const struct payload_plan *plan)
{
	return patch->patch->pin.size - patch->patch_begun + PLAN_GAP <
	       plan->bytes + plan->range_count * PLAN_GAP;
}

static uint64_t count_begun(int spool, const struct release_ini *release,
                            const struct release_patch *patch)
{
	const struct spool_patch place = {
		.at = release->parts[PART_PAYLOAD].size,
		.size = patch->pin.size,
		.sha256 = patch->pin.sha256,
	};

	return spool_begun_patch(spool, &place);
}

int delta_prefer_patch(const struct store *store,
                       const struct release_ini *release, int mtree,
                       const struct delta_fetch *fetch, struct delta *delta,
                       struct err *err)
{
	struct delta other = DELTA_NONE;
	struct err ignored; /* ranges it is, then */
	int got =
		patch_base_find(store, release, other.base, &other.patch, err);

	if (got < 0)
		return -1;
	if (got == 0)
		return 0;
	other.patch_begun = count_begun(fetch->spool, release, other.patch);
	if (!is_cheaper(&other, &delta->plan))
		return 0;
	if (plan_patch(store, mtree, &other, &ignored) < 0) {
		delta_done(&other);
		return 0;
	}
	got = remote_has_patch(fetch->remote, other.patch, err);
	if (got <= 0) {
		delta_done(&other);
		/* The question was a request: there may be one range less. */
		payload_plan_finish(&delta->plan,
		                    remote_ranges_max(fetch->remote));
		return got;
	}
	delta_done(delta);
	*delta = other;
	return 0;
}

/* --- the patch --- */

/* What came lies in a file that fetch-worker may still write to: it is held
 * against its digest as it is copied. */
static int copy_patch(int from, uint64_t offset, const struct part_pin *pin,
                      int to, struct err *err)
{
	int got = patch_copy(from, offset, pin->size, pin->sha256, to, err);

	if (got != 0)
		return got < 0 ? -1 : 0;
	return err_set(err, ERR_FORMAT, 0,
	               "it is damaged: its SHA-256 is not that of release.ini");
}

int delta_fetch_patch(struct delta *delta, struct part_source *source,
                      const struct release_ini *release,
                      const struct host *host, struct err *err)
{
	const struct part_pin *pin = &delta->patch->pin;
	const struct space need = { .bytes = pin->size, .files = 1 };
	AUTO_CLOSE int fetched = part_source_patch(
		source, release, delta->patch, delta->patch_begun, err);
	AUTO_CLOSE int copy = -1;

	if (fetched < 0)
		return -1;
	copy = host_open_unnamed(host, err);
	if (copy < 0 ||
	    space_require(copy, &need, host->settings.reserve, err) < 0 ||
	    copy_patch(fetched, release->parts[PART_PAYLOAD].size, pin, copy,
	               err) < 0)
		return -1;
	delta->patch_fd = TAKE_FD(copy);
	return 0;
}
