/* SPDX-License-Identifier: Apache-2.0 */
/* A registry as a target: each package is an artifact in a repository.
 *
 *     inspect    what do the tags name?
 *     upload     blobs
 *     describe   the manifest by digest, those that refer to it, their list
 *     reveal     the tags
 *
 * A package whose tags are right already was revealed, and so has all its blobs
 * and its manifest; who refers to it is looked at again, since the list of a
 * registry without the referrers API can be lost. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "publish_oci_own.h"

#define SCHEME "oci://"

struct oci_target *oci_target_of(struct publish_target *base)
{
	return (struct oci_target *)base; /* its first member */
}

/* --- results ------------------------------------------------------------ */

bool oci_item_waits(const struct oci_target *target, size_t number)
{
	return target->base.items[number].state == PUBLISH_WAITING;
}

void oci_item_settle(struct oci_target *target, const struct oci_registry *to,
                     const struct oci_result *result, const struct err *whole)
{
	struct publish_item *item =
		&target->base.items[to - target->repositories];
	struct err why = *whole;

	if (item->state == PUBLISH_FAILED)
		return;
	switch (result->outcome) {
	case OCI_WAS_THERE:
	case OCI_PUSHED:
		return;
	case OCI_FAILED:
		why = result->err;
		break;
	case OCI_UNTOUCHED:
		break;
	}
	(void)publish_item_fail(&target->base, item, &why); /* see conclude */
}

int oci_conclude(const struct oci_target *target, int got, struct err *err)
{
	if (got == 0 || target->base.context->keep_going)
		return 0;
	return err_wrap(err, "publishing to %.200s", target->base.name);
}

/* --- inspect ------------------------------------------------------------ */

static void tell_progress(void *context, uint64_t bytes)
{
	const struct publish_context *run = context;

	run->progress(run->progress_context, bytes);
}

static int open_repositories(struct oci_target *target, struct err *err)
{
	target->repositories =
		calloc(target->base.count, sizeof *target->repositories);
	if (target->repositories == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < target->base.count; i++)
		if (oci_push_repository(&target->push, &target->wanted,
		                        &target->places[i].reference,
		                        &target->repositories[i], err) < 0)
			return -1;
	return 0;
}

static int open_target(struct oci_target *target, struct err *err)
{
	const struct publish_context *context = target->base.context;

	if (publish_credentials_registry(context->credentials,
	                                 &target->places[0].reference,
	                                 &target->credential, err) < 0 ||
	    oci_push_open(&target->push, &context->http, err) < 0)
		return -1;
	target->wanted = (struct source_wanted){
		.app = "", .version = "", .os = "", .architecture = ""
	};
	publish_credential_fill(&target->credential, &target->wanted);
	target->push.on_failure = context->keep_going ? OCI_GO_ON : OCI_STOP;
	target->push.chunk_size = context->chunk_size;
	target->push.progress = tell_progress;
	target->push.context = (void *)(uintptr_t)context;
	return open_repositories(target, err);
}

static int inspect(struct publish_target *base, struct err *err)
{
	struct oci_target *target = oci_target_of(base);

	if (open_target(target, err) < 0)
		return err_wrap(err, "target '%.200s'", base->name);
	return publish_oci_read_tags(target, err);
}

/* --- the target --------------------------------------------------------- */

static void target_done(struct publish_target *base)
{
	struct oci_target *target = oci_target_of(base);

	for (size_t i = 0; target->repositories != NULL && i < base->count; i++)
		oci_done(&target->repositories[i]);
	oci_push_done(&target->push);
	publish_credential_done(&target->credential);
	free(target->repositories);
	free(target->places);
	publish_target_done(base);
	free(target);
}

/* What refers to a manifest is found, where the registry has no better way, by
 * a tag of this form ("sha256-<hex>"; cosign's own: ".sig", ".att" and ".sbom"
 * behind it).  A version of such a name would take the place of signatures. */
static bool is_taken(const char *tag)
{
	static const char prefix[] = "sha256-";
	size_t len = strlen(prefix);

	return strncmp(tag, prefix, len) == 0 &&
	       strspn(tag + len, "0123456789abcdefABCDEF") >= SHA256_HEX_LEN;
}

/* @repository: "registry/repository". */
static int name_place(struct oci_target *target, size_t number,
                      const char *repository, struct err *err)
{
	struct publish_item *item = &target->base.items[number];
	struct oci_reference *reference = &target->places[number].reference;

	if (oci_reference_parse(repository, reference, err) < 0)
		return err_wrap(err, "target '%.200s'", target->base.name);
	if (reference->tag[0] != '\0' || reference->has_digest)
		return err_set(err, ERR_USAGE, 0,
		               "target '%.200s': name the repository alone; "
		               "the tag is the version",
		               target->base.name);
	if (is_taken(item->publication->version))
		return err_set(err, ERR_USAGE, 0,
		               "version '%s': under this tag registries have "
		               "the signatures of another artifact; choose "
		               "another version",
		               item->publication->version);
	(void)snprintf(item->place, sizeof item->place, "%s%s/%s:%s", SCHEME,
	               reference->registry, reference->repository,
	               item->publication->version);
	return 0;
}

/* A family's packages, and those of an address with "/" behind it, however
 * many, have repositories of their own below it. */
static int name_places(struct oci_target *target, const char *address,
                       bool is_family, struct err *err)
{
	size_t len = strlen(address);
	bool is_below;

	target->places = calloc(target->base.count, sizeof *target->places);
	if (target->places == NULL)
		return err_nomem(err);
	while (len > 0 && address[len - 1] == '/')
		len--;
	is_below = is_family || address[len] == '/';
	for (size_t i = 0; i < target->base.count; i++) {
		const char *name = target->base.items[i].publication->name;
		AUTO_BUF struct buf text = BUF_NONE;

		if (buf_printf(&text, err, "%.*s%s%s", (int)len, address,
		               is_below ? "/" : "", is_below ? name : "") < 0 ||
		    name_place(target, i, buf_text(&text), err) < 0)
			return -1;
	}
	return 0;
}

int publish_oci_new(const struct publish_context *context, const char *address,
                    const struct publications *publications,
                    struct publish_target **out, struct err *err)
{
	static const struct publish_target_ops ops = {
		.inspect = inspect,
		.upload = publish_oci_upload,
		.describe = publish_oci_describe,
		.reveal = publish_oci_reveal,
		.recall = publish_oci_recall,
		.done = target_done,
	};
	struct oci_target *made = calloc(1, sizeof *made);

	if (made == NULL)
		return err_nomem(err);
	made->push = OCI_PUSH_NONE;
	made->credential = PUBLISH_CREDENTIAL_NONE;
	if (publish_target_init(&made->base, &ops, context, address,
	                        publications, err) < 0 ||
	    name_places(made, address + strlen(SCHEME), publications->is_family,
	                err) < 0) {
		target_done(&made->base);
		return -1;
	}
	*out = &made->base;
	return 0;
}
