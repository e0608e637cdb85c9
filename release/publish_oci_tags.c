/* SPDX-License-Identifier: Apache-2.0 */
/* The tags of packages in a registry: what they name before anything is sent,
 * and setting them when all else is there. */
#include <stdlib.h>
#include <string.h>

#include "publish_journal.h"
#include "publish_oci_own.h"

/* --- inspect ------------------------------------------------------------ */

static int conflict(const struct publish_item *item,
                    const struct oci_push_tag *tag, struct err *err)
{
	char there[OCI_DIGEST_SIZE];
	char ours[OCI_DIGEST_SIZE];

	oci_digest_text(tag->digest, there);
	oci_digest_text(item->publication->digest, ours);
	return err_set(err, ERR_CONFLICT, 0,
	               "the tag %s names %s there, and this is %s; what is "
	               "published stays: choose another version, or move the "
	               "tag with --move-tag",
	               tag->tag, there, ours);
}

/* Only the version's tag stays; "latest" is there to move. */
static int judge_tag(struct oci_target *target, size_t number,
                     const struct oci_push_tag *tag, struct err *err)
{
	struct publish_item *item = &target->base.items[number];
	const struct publication *publication = item->publication;
	struct oci_place *place = &target->places[number];

	if (tag->is_there &&
	    memcmp(tag->digest, publication->digest, OCI_DIGEST_LEN) == 0)
		return 0;
	place->is_tagged = false;
	if (!tag->is_there || tag->tag != publication->tags[0])
		return 0;
	if (!target->base.context->may_move_tags) {
		(void)conflict(item, tag, err);
		return publish_item_fail(&target->base, item, err);
	}
	place->moves_tag = true;
	memcpy(place->was, tag->digest, OCI_DIGEST_LEN);
	return 0;
}

static int judge_tags(struct oci_target *target,
                      const struct oci_push_tag *tags, size_t count,
                      struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		size_t number = (size_t)(tags[i].to - target->repositories);

		if (oci_item_waits(target, number) &&
		    judge_tag(target, number, &tags[i], err) < 0)
			return -1;
	}
	return 0;
}

/* All tags of all items; returns how many there are. */
static size_t list_tags(struct oci_target *target, struct oci_push_tag *out)
{
	size_t count = 0;

	for (size_t i = 0; i < target->base.count; i++) {
		const struct publication *publication =
			target->base.items[i].publication;

		target->places[i].is_tagged = true; /* until one is not */
		for (size_t k = 0; k < publication->tag_count; k++) {
			out[count].to = &target->repositories[i];
			out[count++].tag = publication->tags[k];
		}
	}
	return count;
}

int publish_oci_read_tags(struct oci_target *target, struct err *err)
{
	AUTO_FREE struct oci_push_tag *tags =
		calloc(target->base.count * PUBLICATION_TAGS_MAX, sizeof *tags);
	size_t count;
	int got;

	if (tags == NULL)
		return err_nomem(err);
	count = list_tags(target, tags);
	got = oci_read_tags(&target->push, tags, count, err);
	for (size_t i = 0; got < 0 && i < count; i++)
		oci_item_settle(target, tags[i].to, &tags[i].result, err);
	if (oci_conclude(target, got, err) < 0)
		return -1;
	return judge_tags(target, tags, count, err);
}

/* --- reveal ------------------------------------------------------------- */

/* The tag of that number, of each package that waits and has one. */
static int set_tags(struct oci_target *target, size_t tag, struct err *err)
{
	bool may_move = target->base.context->may_move_tags;
	AUTO_FREE struct oci_push_manifest *manifests =
		calloc(target->base.count, sizeof *manifests);
	size_t count = 0;

	if (manifests == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < target->base.count; i++) {
		const struct publication *publication =
			target->base.items[i].publication;

		if (!oci_item_waits(target, i) || target->places[i].is_tagged ||
		    tag >= publication->tag_count)
			continue;
		manifests[count] = oci_item_manifest(
			target, i, &publication->manifest, publication->digest);
		manifests[count].tag = publication->tags[tag];
		manifests[count++].rule =
			tag > 0 || may_move ? OCI_TAG_MOVE : OCI_TAG_KEEP;
	}
	return oci_push_all(target, manifests, count, err);
}

/* Said before it is done: then it can be found again. */
static int note_moves(const struct oci_target *target, struct err *err)
{
	for (size_t i = 0; i < target->base.count; i++) {
		const struct oci_place *place = &target->places[i];

		if (oci_item_waits(target, i) && place->moves_tag &&
		    publish_journal_moved(target->base.context->journal,
		                          target->base.items[i].place,
		                          place->was, err) < 0)
			return -1;
	}
	return 0;
}

static void note_results(struct oci_target *target)
{
	for (size_t i = 0; i < target->base.count; i++) {
		struct publish_item *item = &target->base.items[i];
		const struct oci_place *place = &target->places[i];

		if (!oci_item_waits(target, i))
			continue;
		item->state =
			place->is_tagged ? PUBLISH_WAS_THERE : PUBLISH_DONE;
		item->has_moved = place->moves_tag;
	}
}

/* The versions first: "latest" never names what has no version yet. */
int publish_oci_reveal(struct publish_target *base, struct err *err)
{
	struct oci_target *target = oci_target_of(base);

	if (note_moves(target, err) < 0)
		return -1;
	for (size_t tag = 0; tag < PUBLICATION_TAGS_MAX; tag++)
		if (set_tags(target, tag, err) < 0)
			return -1;
	note_results(target);
	return 0;
}
