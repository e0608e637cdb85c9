/* SPDX-License-Identifier: Apache-2.0 */
/* What publish says: each package and its places, and what failed. */
#include "base/text.h"
#include "codec/json_write.h"
#include "publish_own.h"

static const char *state_text(const struct publishing *run,
                              const struct publish_item *item)
{
	if (run->settings->is_dry_run)
		return "would be published";
	switch (item->state) {
	case PUBLISH_WAITING:
		break;
	case PUBLISH_WAS_THERE:
		return "was there";
	case PUBLISH_DONE:
		return item->has_moved ? "published, moved" : "published";
	case PUBLISH_FAILED:
		return "failed";
	}
	return "not published";
}

static void say_all(const struct publishing *run)
{
	const char *verb = run->settings->is_dry_run ? "would publish " : "";

	for (size_t i = 0; i < run->publications.count; i++) {
		const struct publication *one = run->publications.at[i];
		char digest[OCI_DIGEST_SIZE];

		oci_digest_text(one->digest, digest);
		say(run->request, "%s%s %s: %s, %llu bytes", verb, one->name,
		    one->version, digest,
		    (unsigned long long)publication_size(one));
		for (size_t k = 0; k < run->target_count; k++) {
			const struct publish_item *item =
				&run->targets[k]->items[i];

			if (run->settings->is_dry_run)
				say(run->request, "  %s", item->place);
			else
				say(run->request, "  %s: %s", item->place,
				    state_text(run, item));
		}
	}
}

static int write_item(const struct publishing *run, struct json_writer *json,
                      const struct publish_item *item, struct err *err)
{
	char text[ERR_TEXT_MAX + 256];

	if (json_open_object(json, NULL, err) < 0 ||
	    json_text(json, "place", item->place, err) < 0 ||
	    json_text(json, "state", state_text(run, item), err) < 0)
		return -1;
	if (item->state == PUBLISH_FAILED &&
	    json_text(json, "error", err_format(&item->err, text, sizeof text),
	              err) < 0)
		return -1;
	return json_close(json, err);
}

static int write_package(const struct publishing *run, struct json_writer *json,
                         size_t number, struct err *err)
{
	const struct publication *one = run->publications.at[number];
	char digest[OCI_DIGEST_SIZE];

	oci_digest_text(one->digest, digest);
	if (json_open_object(json, NULL, err) < 0 ||
	    json_text(json, "name", one->name, err) < 0 ||
	    json_text(json, "version", one->version, err) < 0 ||
	    json_text(json, "digest", digest, err) < 0 ||
	    json_u64(json, "bytes", publication_size(one), err) < 0 ||
	    json_open_array(json, "places", err) < 0)
		return -1;
	for (size_t i = 0; i < run->target_count; i++)
		if (write_item(run, json, &run->targets[i]->items[number],
		               err) < 0)
			return -1;
	if (json_close(json, err) < 0)
		return -1;
	return json_close(json, err);
}

/* Who signed the manifests; nothing where nobody did. */
static int write_signer(const struct publishing *run, struct json_writer *json,
                        struct err *err)
{
	const struct public_key *key = &run->signer.key;
	char id[SHA256_HEX_LEN + 1];

	if (key->key == NULL)
		return 0;
	text_to_hex(key->id, sizeof key->id, id);
	return json_text(json, "cosign_key", id, err);
}

static int print_json(const struct publishing *run, struct err *err)
{
	AUTO_BUF struct buf out = BUF_NONE;
	struct json_writer json;

	json_begin(&json, &out);
	if (json_open_object(&json, NULL, err) < 0 ||
	    json_bool(&json, "dry_run", run->settings->is_dry_run, err) < 0 ||
	    json_text(&json, "lock", publish_word(run->settings, PUBLISH_LOCK),
	              err) < 0 ||
	    write_signer(run, &json, err) < 0 ||
	    json_open_array(&json, "packages", err) < 0)
		return -1;
	for (size_t i = 0; i < run->publications.count; i++)
		if (write_package(run, &json, i, err) < 0)
			return -1;
	if (json_close(&json, err) < 0 || json_close(&json, err) < 0 ||
	    buf_adds(&out, "\n", err) < 0)
		return -1;
	return print_result(&out, err);
}

int publish_report(const struct publishing *run, struct err *err)
{
	if (run->request->json)
		return print_json(run, err);
	say_all(run);
	return 0;
}

int publish_conclude(const struct publishing *run, struct err *err)
{
	char text[ERR_TEXT_MAX + 256];
	size_t failed = run->publications.failed * run->target_count;
	size_t all = run->target_count *
	             (run->publications.count + run->publications.failed);
	enum err_code code = run->publications.failure.code; /* the first */

	for (size_t k = 0; k < run->target_count; k++)
		for (size_t i = 0; i < run->targets[k]->count; i++) {
			const struct publish_item *item =
				&run->targets[k]->items[i];

			if (item->state != PUBLISH_FAILED)
				continue;
			if (failed++ == 0)
				code = item->err.code;
			warn_user("%s",
			          err_format(&item->err, text, sizeof text));
		}
	if (failed == 0)
		return 0;
	return err_set(err, code, 0,
	               "%zu of %zu were not published; the lockfile has what "
	               "is everywhere",
	               failed, all);
}
