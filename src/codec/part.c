/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/part.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "codec/key_id.h"

#define KIB             ((uint64_t)1024)
#define PAYLOAD_MAX     (((uint64_t)1 << 53) - 1) /* exact in a JSON number */
#define RELEASE_PREFIX  "release.ini."
#define MINISIG_SUFFIX  ".minisig"
#define SIGSTORE_SUFFIX ".sigstore.json"
#define PATCH_PREFIX    "payload.patch-"
#define PATCH_ID_LEN    16 /* digits */

/* In the order in which a host takes them. */
enum part_class { SIGNED, EVIDENCE, PINNED };
enum part_need { OPTIONAL, REQUIRED };

/* docs/bundle-format.md, "Parts".  A kind without a name is repeated, and its
 * names are made from the id. */
static const struct part_row {
	const char *name;
	enum part_class class;
	enum part_need need;
	uint64_t max_size;
} parts[PART_KINDS] = {
	[PART_RELEASE_INI] = { "release.ini", SIGNED, REQUIRED, 64 * KIB },
	[PART_MINISIG] = { "release.ini.minisig", EVIDENCE, OPTIONAL, KIB },
	[PART_MINISIG_FURTHER] = { NULL, EVIDENCE, OPTIONAL, KIB },
	[PART_SIGSTORE] = { NULL, EVIDENCE, OPTIONAL, 4 * KIB *KIB },
	[PART_PROFILE_ENV] = { "profile.env", PINNED, OPTIONAL, 64 * KIB },
	[PART_SBOM] = { "sbom.json", PINNED, OPTIONAL, KIB *KIB *KIB },
	[PART_MTREE] = { "payload.mtree", PINNED, REQUIRED, KIB *KIB *KIB },
	[PART_INDEX] = { "payload.index", PINNED, REQUIRED, KIB *KIB *KIB },
	[PART_SHA256] = { "payload.sha256", PINNED, REQUIRED, 128 },
	[PART_ATTESTATION] = { "attestation.intoto.jsonl", EVIDENCE, OPTIONAL,
	                       4 * KIB *KIB },
	[PART_PACKED] = { "parts.tar.xz", PINNED, OPTIONAL, 64 * KIB *KIB },
	[PART_PAYLOAD] = { "payload.tar.gz", PINNED, REQUIRED, PAYLOAD_MAX },
	[PART_PATCH] = { NULL, PINNED, OPTIONAL, PAYLOAD_MAX },
};

/* What stands between "release.ini." and @suffix, or NULL. */
static const char *find_middle(const char *name, size_t len, const char *suffix,
                               size_t *middle_len)
{
	size_t head = strlen(RELEASE_PREFIX);
	size_t tail = strlen(suffix);

	if (len <= head + tail || memcmp(name, RELEASE_PREFIX, head) != 0 ||
	    memcmp(name + len - tail, suffix, tail) != 0)
		return NULL;
	*middle_len = len - head - tail;
	return name + head;
}

static bool parse_patch(const char *name, size_t len, struct part *out)
{
	size_t head = strlen(PATCH_PREFIX);
	uint64_t id;
	struct err err;

	if (len != head + PATCH_ID_LEN ||
	    memcmp(name, PATCH_PREFIX, head) != 0 ||
	    key_id_parse(name + head, PATCH_ID_LEN, &id, &err) < 0)
		return false;
	*out = (struct part){ PART_PATCH, id };
	return true;
}

static bool parse_repeated(const char *name, size_t len, struct part *out)
{
	const char *middle;
	size_t middle_len;
	uint64_t id;
	struct err err;

	middle = find_middle(name, len, MINISIG_SUFFIX, &middle_len);
	if (middle != NULL &&
	    key_id_parse(middle, middle_len, &id, &err) == 0) {
		*out = (struct part){ PART_MINISIG_FURTHER, id };
		return true;
	}
	middle = find_middle(name, len, SIGSTORE_SUFFIX, &middle_len);
	if (middle != NULL &&
	    text_u64(middle, middle_len, PART_SIGSTORE_MAX, &id, &err) == 0 &&
	    id > 0) {
		*out = (struct part){ PART_SIGSTORE, id };
		return true;
	}
	return parse_patch(name, len, out);
}

bool part_parse(const char *name, size_t len, struct part *out)
{
	for (size_t i = 0; i < PART_KINDS; i++) {
		if (parts[i].name == NULL ||
		    !text_equal(name, len, parts[i].name))
			continue;
		*out = (struct part){ (enum part_kind)i, 0 };
		return true;
	}
	return parse_repeated(name, len, out);
}

void part_name(struct part part, char out[PART_NAME_SIZE])
{
	char key_id[KEY_ID_TEXT];

	key_id_text(part.id, key_id);
	if (part.kind == PART_MINISIG_FURTHER)
		(void)snprintf(out, PART_NAME_SIZE,
		               RELEASE_PREFIX "%s" MINISIG_SUFFIX, key_id);
	else if (part.kind == PART_SIGSTORE)
		(void)snprintf(out, PART_NAME_SIZE,
		               RELEASE_PREFIX "%" PRIu64 SIGSTORE_SUFFIX,
		               part.id);
	else if (part.kind == PART_PATCH)
		(void)snprintf(out, PART_NAME_SIZE, PATCH_PREFIX "%s", key_id);
	else /* the table's names all fit */
		(void)snprintf(out, PART_NAME_SIZE, "%s",
		               parts[part.kind].name);
}

uint64_t part_max_size(enum part_kind kind)
{
	return parts[kind].max_size;
}

unsigned part_max_count(enum part_kind kind)
{
	if (kind == PART_MINISIG_FURTHER)
		return PART_SIGNERS_MAX;
	if (kind == PART_SIGSTORE)
		return PART_SIGSTORE_MAX;
	if (kind == PART_PATCH)
		return PART_PATCHES_MAX;
	return 1;
}

bool part_is_pinned(enum part_kind kind)
{
	return parts[kind].class == PINNED;
}

bool part_is_kept(enum part_kind kind)
{
	return kind < PART_PACKED;
}

bool part_is_minisign(enum part_kind kind)
{
	return kind == PART_MINISIG || kind == PART_MINISIG_FURTHER;
}

bool part_is_required(enum part_kind kind)
{
	return parts[kind].need == REQUIRED;
}

int part_compare(struct part a, struct part b)
{
	if (a.kind != b.kind)
		return a.kind < b.kind ? -1 : 1;
	return (a.id > b.id) - (a.id < b.id);
}

int part_compare_judging(struct part a, struct part b)
{
	enum part_class left = parts[a.kind].class;
	enum part_class right = parts[b.kind].class;

	if (left != right)
		return left < right ? -1 : 1;
	return part_compare(a, b);
}
