/* SPDX-License-Identifier: Apache-2.0 */
#include "health/gather_roots.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "evidence/ask.h"
#include "privsep/worker.h"
#include "sigstore/trust.h"
#include "trust/judge.h"

static const char *const parts[SIGSTORE_PARTS] = {
	[SIGSTORE_PART_AUTHORITIES] = "certificate authority",
	[SIGSTORE_PART_LOGS] = "transparency log",
	[SIGSTORE_PART_CT_LOGS] = "CT log",
	[SIGSTORE_PART_STAMPERS] = "timestamp authority",
};

static void note_end(const struct evidence_root_end *end, int64_t now,
                     struct look *out)
{
	const char *part = parts[end->part];
	char date[CLOCK_TEXT_SIZE];

	clock_format(end->end, date);
	if (end->end == INT64_MIN)
		look_set(out, SIGHT_WRONG,
		         "it has no %s that can be used, and evidence needs "
		         "one",
		         part);
	else if (end->end < now)
		look_set(out, SIGHT_WRONG,
		         "its last %s ended at %s: nothing signed since then "
		         "can be verified",
		         part, date);
	else if (end->end - now < ROOT_NEAR_S)
		look_set(out, SIGHT_WRONG, "its last %s ends at %s", part,
		         date);
	else
		look_set(out, SIGHT_GOOD, "it lasts");
}

static int note_ends(const struct gather_roots *request,
                     const struct evidence_root_ends *ends,
                     struct root_facts *out, struct err *err)
{
	out->items = calloc(ends->count, sizeof *out->items);
	if (out->items == NULL)
		return err_nomem(err);
	for (uint32_t i = 0; i < ends->count; i++) {
		const struct evidence_root_end *end = &ends->list[i];
		const char *name = request->keyring->roots[end->file].name;
		struct root_seen *item = &out->items[out->count++];

		(void)snprintf(item->name, sizeof item->name,
		               "%s%s" KEYRING_ROOT, name,
		               name[0] != '\0' ? "." : "");
		note_end(end, request->now, &item->look);
	}
	look_set(&out->look, SIGHT_GOOD, "looked at");
	return 0;
}

static int ask(const struct gather_roots *request,
               struct evidence_root_ends *out, struct err *err)
{
	AUTO_CLOSE int workers = worker_open_folder(err);
	const struct evidence_worker worker = {
		.folder = workers,
		.mode = sandbox_mode_of(request->settings),
	};
	struct evidence_case given;

	if (workers < 0)
		return -1;
	evidence_begin(&given, request->settings, request->settings_text,
	               request->keyring);
	return evidence_ask_ends(&given, &worker, out, err);
}

/* Where keys alone decide, no worker is bothered. */
static bool needs_roots(const struct gather_roots *request)
{
	const struct settings *settings = request->settings;
	bool is_asked = judge_needs_verdicts(settings) ||
	                settings->container.images_signed.count > 0;

	return is_asked && settings->identity_count > 0 &&
	       request->keyring->root_count > 0;
}

int gather_roots(const struct gather_roots *request, struct root_facts *out,
                 struct err *err)
{
	AUTO_FREE struct evidence_root_ends *ends = NULL;

	if (!needs_roots(request)) {
		look_set(&out->look, SIGHT_NONE,
		         "the policy rests on no trusted root");
		return 0;
	}
	ends = calloc(1, sizeof *ends);
	if (ends == NULL)
		return err_nomem(err);
	if (ask(request, ends, err) < 0)
		return look_note(&out->look, err);
	return note_ends(request, ends, out, err);
}
