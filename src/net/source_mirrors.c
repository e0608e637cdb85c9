/* SPDX-License-Identifier: Apache-2.0 */
/* Several sources of one release.  All is judged by the monitor against the
 * same signature, so that a part can be begun at one and ended at another. */
#include <stdlib.h>
#include <string.h>

#include "net/source.h"

struct mirrors {
	struct source source;
	struct source *all[SOURCE_MIRRORS_MAX]; /* owned */
	size_t count;
	size_t at; /* the one that is used */
	bool is_open;
};

static struct mirrors *mirrors_of(struct source *source)
{
	return (struct mirrors *)source; /* its first member */
}

static struct source *current(const struct mirrors *mirrors)
{
	return mirrors->all[mirrors->at];
}

/* What another server may do better. */
static bool is_worth_another(const struct err *err)
{
	return err->code == ERR_NETWORK || err->code == ERR_FORMAT;
}

/* Go on to the next one: 0, or -1 with the failure when there is none. */
static int go_on(struct mirrors *mirrors, struct err *err)
{
	char why[ERR_TEXT_MAX];

	if (!is_worth_another(err) || mirrors->at + 1 == mirrors->count)
		return -1;
	(void)err_format(err, why, sizeof why);
	http_say(mirrors->source.client, "trying the next mirror: %s", why);
	mirrors->at++;
	mirrors->is_open = false;
	return 0;
}

static int open_current(struct mirrors *mirrors, struct err *err)
{
	struct source *source = current(mirrors);

	if (mirrors->is_open)
		return 0;
	if (source->ops->open(source, err) < 0)
		return -1;
	mirrors->is_open = true;
	memcpy(mirrors->source.origin, source->origin, sizeof source->origin);
	return 0;
}

static int mirrors_open(struct source *source, struct err *err)
{
	struct mirrors *mirrors = mirrors_of(source);

	while (open_current(mirrors, err) < 0)
		if (go_on(mirrors, err) < 0)
			return -1;
	return 0;
}

/* Leaves out what an earlier mirror gave. */
struct resumed {
	const struct http_sink *sink;
	uint64_t given;
};

static int take_new(void *context, uint64_t offset, const void *data,
                    size_t len, struct err *err)
{
	struct resumed *resumed = context;
	const uint8_t *at = data;
	uint64_t old = 0;

	if (offset < resumed->given)
		old = resumed->given - offset;
	if (old >= len)
		return 0;
	if (resumed->sink->take(resumed->sink->context, offset + old, at + old,
	                        len - (size_t)old, err) < 0)
		return -1;
	resumed->given = offset + len;
	return 0;
}

/* A mirror that lacks what another has begun to give is a broken one. */
static int check_begun(const struct resumed *resumed, int got, struct err *err)
{
	if (got != 0 || resumed->given == 0)
		return got;
	return err_set(err, ERR_NETWORK, 0,
	               "a part that another mirror has is missing");
}

static int mirrors_part(struct source *source, struct part part,
                        const struct http_sink *sink, struct err *err)
{
	struct mirrors *mirrors = mirrors_of(source);
	struct resumed resumed = { sink, 0 };
	const struct http_sink rest = { take_new, &resumed };

	for (;;) {
		int got = open_current(mirrors, err);

		if (got == 0)
			got = check_begun(
				&resumed,
				current(mirrors)->ops->part(current(mirrors),
			                                    part, &rest, err),
				err);
		/* A release without its description is none. */
		if (got == 0 && part.kind == PART_RELEASE_INI)
			got = err_set(err, ERR_NETWORK, 0,
			              "there is no release.ini at %s",
			              current(mirrors)->origin);
		if (got >= 0 || go_on(mirrors, err) < 0)
			return got;
	}
}

static int mirrors_payload(struct source *source, uint64_t size,
                           const struct http_range *ranges, size_t count,
                           const struct http_sink *sink, struct err *err)
{
	struct mirrors *mirrors = mirrors_of(source);

	while (open_current(mirrors, err) < 0 ||
	       current(mirrors)->ops->payload(current(mirrors), size, ranges,
	                                      count, sink, err) < 0)
		if (go_on(mirrors, err) < 0)
			return -1;
	return 0;
}

/* The one that gave the parts alone: a mirror that does not answer this may
 * well give the payload, and there is no way back from the next one. */
static int mirrors_has_patch(struct source *source,
                             const struct source_patch *patch, struct err *err)
{
	struct mirrors *mirrors = mirrors_of(source);

	if (open_current(mirrors, err) < 0)
		return -1;
	return current(mirrors)->ops->has_patch(current(mirrors), patch, err);
}

static int mirrors_patch(struct source *source,
                         const struct source_patch *patch,
                         const struct http_sink *sink, struct err *err)
{
	struct mirrors *mirrors = mirrors_of(source);

	for (;;) {
		int got = open_current(mirrors, err);

		if (got == 0)
			got = current(mirrors)->ops->patch(current(mirrors),
			                                   patch, sink, err);
		if (got >= 0 || go_on(mirrors, err) < 0)
			return got;
	}
}

static void mirrors_done(struct source *source)
{
	struct mirrors *mirrors = mirrors_of(source);

	for (size_t i = 0; i < mirrors->count; i++)
		source_free(&mirrors->all[i]);
	free(mirrors);
}

static const struct source_ops mirrors_ops = {
	.open = mirrors_open,
	.part = mirrors_part,
	.payload = mirrors_payload,
	.has_patch = mirrors_has_patch,
	.patch = mirrors_patch,
	.done = mirrors_done,
};

int source_mirrors_new(struct http_client *client, struct source **sources,
                       size_t count, struct source **out, struct err *err)
{
	struct mirrors *mirrors;

	if (count == 0 || count > SOURCE_MIRRORS_MAX)
		return err_set(err, ERR_USAGE, 0, "1 to %d mirrors, not %zu",
		               SOURCE_MIRRORS_MAX, count);
	mirrors = calloc(1, sizeof *mirrors);
	if (mirrors == NULL)
		return err_nomem(err);
	mirrors->source = (struct source){ .ops = &mirrors_ops,
		                           .client = client,
		                           .wanted = sources[0]->wanted };
	for (size_t i = 0; i < count; i++)
		mirrors->all[i] = sources[i];
	mirrors->count = count;
	*out = &mirrors->source;
	return 0;
}
