/* SPDX-License-Identifier: Apache-2.0 */
#include "prune.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "codec/receipt.h"
#include "report.h"
#include "store/links.h"

int prune_remove(const struct session *session, const char *op,
                 const struct installed *item, struct err *err)
{
	struct event event = { .op = op,
		               .version = item->version,
		               .release_sha256 = item->release_sha256,
		               .sequence = item->sequence };
	AUTO_FREE struct receipt *receipt = malloc(sizeof *receipt);
	struct err unread; /* a damaged release names no signers */

	if (receipt == NULL)
		return err_nomem(err);
	if (store_receipt(&session->store, item->version, receipt, &unread) ==
	    1) {
		event.signers = receipt->signers;
		event.signer_count = receipt->signer_count;
	}
	if (store_remove_release(&session->store, item->version, err) < 0)
		return -1;
	session_log(session, &event, NULL);
	return 0;
}

/* Returns 1 when it is gone, 0 when it is in use and stays. */
static int prune_one(const struct session *session,
                     const struct installed *item, struct err *err)
{
	const char *version = item->version;
	char text[2 * ERR_TEXT_MAX];

	if (prune_remove(session, "prune", item, err) == 0) {
		report_step(session->request, "pruned release %s", version);
		return 1;
	}
	if (err->code != ERR_LOCKED)
		return err_wrap(err, "pruning release %s", version);
	report_step(session->request, "left release %s: %s", version,
	            err_format(err, text, sizeof text));
	return 0;
}

/* The same without doing it. */
static int say_one(const struct session *session, const struct installed *item,
                   struct err *err)
{
	char text[2 * ERR_TEXT_MAX];

	if (store_require_unused(&session->store, item->version, err) == 0) {
		report_step(session->request, "would prune release %s",
		            item->version);
		return 1;
	}
	if (err->code != ERR_LOCKED)
		return -1;
	report_step(session->request, "would leave release %s: %s",
	            item->version, err_format(err, text, sizeof text));
	return 0;
}

int prune_would(const struct session *session,
                const struct installed_list *list, const struct installed *item,
                size_t keep, struct err *err)
{
	if (!store_may_prune(list, item, keep))
		return 0;
	if (store_require_unused(&session->store, item->version, err) == 0)
		return 1;
	return err->code == ERR_LOCKED ? 0 : -1;
}

int prune_releases(const struct session *session, size_t keep,
                   enum prune_mode mode, struct json_writer *removed,
                   struct err *err)
{
	AUTO_INSTALLED struct installed_list list = INSTALLED_NONE;
	int count = 0;

	if (links_check(&session->store, err) < 0 ||
	    store_list(&session->store, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++) {
		const struct installed *item = &list.items[i];
		int gone;

		if (!store_may_prune(&list, item, keep))
			continue;
		gone = mode == PRUNE_SAY ? say_one(session, item, err)
		                         : prune_one(session, item, err);
		if (gone < 0 ||
		    (gone == 1 && removed != NULL &&
		     json_text(removed, NULL, item->version, err) < 0))
			return -1;
		count += gone;
	}
	return count;
}
