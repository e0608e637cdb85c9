/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/release_ini.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "codec/ini_write.h"
#include "codec/mtree.h"
#include "codec/record.h"
#include "codec/tar_header.h"
#include "codec/tree_path.h"

#define BYTES_MAX   SEQUENCE_MAX /* exact in a JSON number */
#define KERNEL_MAX  65535        /* of each of its two numbers */
#define NUMBER_SIZE 24           /* bytes of a number's text, with the NUL */

/* --- the fields of fixed number --------------------------------------------
 */

#define PLACE(in, name, member)                                                \
	.section = in, .key = name,                                            \
	.offset = offsetof(struct release_ini, member)
#define TEXT(in, name, check)                                                  \
	PLACE(in, #name, name),                                                \
		.type = RECORD_TEXT,                                           \
		.size = sizeof((struct release_ini *)NULL)->name,              \
		.is_legal = check
#define NUMBER(in, name, least, most)                                          \
	PLACE(in, #name, name), .type = RECORD_NUMBER, .min = least, .max = most
#define MAY_MISS .need = RECORD_OPTIONAL

static const struct record_field fields[] = {
	{ .section = "", .key = "format", .type = RECORD_FORMAT },
	{ TEXT("release", app, name_is_app) },
	{ TEXT("release", version, name_is_version) },
	{ NUMBER("release", sequence, 0, SEQUENCE_MAX) },
	{ PLACE("release", "created", created), .type = RECORD_TIME,
	  .max = TAR_OCTAL_MAX },
	{ TEXT("release", platform, name_is_platform), MAY_MISS },
	{ TEXT("source", repository, NULL), MAY_MISS },
	{ TEXT("source", revision, NULL), MAY_MISS },
	{ TEXT("requirements", architecture, name_is_architecture), MAY_MISS },
	{ PLACE("requirements", "kernel", kernel_major), .type = RECORD_PAIR,
	  .max = KERNEL_MAX, MAY_MISS },
	{ NUMBER("requirements", memory, 1, BYTES_MAX), MAY_MISS },
	{ NUMBER("requirements", disk, 1, BYTES_MAX), MAY_MISS },
	{ NUMBER("payload", entries, 1, MTREE_ENTRIES_MAX) },
	{ NUMBER("payload", bytes, 0, BYTES_MAX) },
	{ NUMBER("payload", tar_size, 1, BYTES_MAX) },
	{ PLACE("payload", "tar_sha256", tar_sha256), .type = RECORD_DIGEST },
	{ TEXT("payload", encoder, NULL) },
	{ TEXT("payload", profile, tree_path_is_legal), MAY_MISS },
};

/* The pair is read and written as two unsigned in a row. */
_Static_assert(offsetof(struct release_ini, kernel_minor) ==
                       offsetof(struct release_ini, kernel_major) +
                               sizeof(unsigned),
               "the kernel's two numbers stand apart");

static const struct record_table table = { fields,
	                                   sizeof fields / sizeof fields[0] };

/* --- [links] ---------------------------------------------------------------
 */

static int take_link(struct release_ini *out, const struct ini_item *item,
                     struct err *err)
{
	char number[NUMBER_SIZE];

	if (out->link_count == RELEASE_LINKS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d links",
		               RELEASE_LINKS_MAX);
	(void)snprintf(number, sizeof number, "%zu", out->link_count + 1);
	if (strcmp(item->key, number) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "link '%s' stands where %s belongs", item->key,
		               number);
	if (text_copy(out->links[out->link_count], RELEASE_VALUE_SIZE,
	              item->value, strlen(item->value), err) < 0)
		return -1;
	out->link_count++;
	return 0;
}

static int write_links(const struct release_ini *in, struct buf *out,
                       struct err *err)
{
	if (in->link_count > RELEASE_LINKS_MAX)
		return err_set(err, ERR_USAGE, 0, "more than %d links",
		               RELEASE_LINKS_MAX);
	if (in->link_count > 0 && ini_write_section(out, "links", err) < 0)
		return -1;
	for (size_t i = 0; i < in->link_count; i++) {
		char number[NUMBER_SIZE];

		(void)snprintf(number, sizeof number, "%zu", i + 1);
		if (ini_write_item(out, number, in->links[i], err) < 0)
			return -1;
	}
	return 0;
}

/* --- [parts] ---------------------------------------------------------------
 */

static int take_pin(struct part_pin *pin, enum part_kind kind,
                    const char *value, struct err *err)
{
	const char *blank = strchr(value, ' ');

	if (blank == NULL)
		return err_set(err, ERR_FORMAT, 0, "not '<size> <digest>'");
	if (text_u64(value, (size_t)(blank - value), part_max_size(kind),
	             &pin->size, err) < 0 ||
	    text_from_hex(blank + 1, strlen(blank + 1), pin->sha256,
	                  sizeof pin->sha256, err) < 0)
		return -1;
	pin->is_present = true;
	return 0;
}

static int add_patch(struct release_ini *out, uint64_t id,
                     struct part_pin **pin, struct err *err)
{
	struct release_patch *patch = &out->patches[out->patch_count];

	if (out->patch_count == PART_PATCHES_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d patches",
		               PART_PATCHES_MAX);
	out->patch_count++;
	patch->id = id;
	*pin = &patch->pin;
	return 0;
}

static int take_part(struct release_ini *out, const struct ini_item *item,
                     struct err *err)
{
	struct part_pin *pin = NULL;
	struct part part;

	if (!part_parse(item->key, strlen(item->key), &part) ||
	    !part_is_pinned(part.kind))
		return err_set(err, ERR_FORMAT, 0, "unknown part '%s'",
		               item->key);
	if (part.kind == PART_PATCH && add_patch(out, part.id, &pin, err) < 0)
		return -1;
	if (part.kind != PART_PATCH)
		pin = &out->parts[part.kind];
	if (take_pin(pin, part.kind, item->value, err) < 0)
		return err_wrap(err, "%s", item->key);
	return 0;
}

static int write_part(struct part part, const struct part_pin *pin,
                      struct buf *out, struct err *err)
{
	char name[PART_NAME_SIZE];
	char digest[2 * DIGEST_LEN + 1];
	char value[NUMBER_SIZE + sizeof digest];

	part_name(part, name);
	if (!pin->is_present && part_is_required(part.kind))
		return err_set(err, ERR_USAGE, 0, "%s is missing", name);
	if (!pin->is_present)
		return 0;
	if (pin->size > part_max_size(part.kind))
		return err_set(err, ERR_USAGE, 0,
		               "%s is larger than %" PRIu64 " bytes", name,
		               part_max_size(part.kind));
	text_to_hex(pin->sha256, sizeof pin->sha256, digest);
	(void)snprintf(value, sizeof value, "%" PRIu64 " %s", pin->size,
	               digest);
	return ini_write_item(out, name, value, err);
}

/* Behind the payload, in the order of their ids. */
static int write_patches(const struct release_ini *in, struct buf *out,
                         struct err *err)
{
	if (in->patch_count > PART_PATCHES_MAX)
		return err_set(err, ERR_USAGE, 0, "more than %d patches",
		               PART_PATCHES_MAX);
	for (size_t i = 0; i < in->patch_count; i++) {
		const struct release_patch *patch = &in->patches[i];

		if (i > 0 && in->patches[i - 1].id >= patch->id)
			return err_set(err, ERR_USAGE, 0,
			               "the patches are not in order");
		if (write_part((struct part){ PART_PATCH, patch->id },
		               &patch->pin, out, err) < 0)
			return -1;
	}
	return 0;
}

static int write_parts(const struct release_ini *in, struct buf *out,
                       struct err *err)
{
	if (ini_write_section(out, "parts", err) < 0)
		return -1;
	for (size_t i = 0; i < PART_KINDS; i++) {
		enum part_kind kind = (enum part_kind)i;

		if (part_is_pinned(kind) && kind != PART_PATCH &&
		    write_part((struct part){ kind, 0 }, &in->parts[i], out,
		               err) < 0)
			return -1;
	}
	return write_patches(in, out, err);
}

/* --- [info] ----------------------------------------------------------------
 */

static bool is_info_key(const char *key)
{
	size_t len = strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_.-");

	return len > 0 && key[len] == '\0' &&
	       len < sizeof((struct release_info *)NULL)->key;
}

static int take_info(struct release_ini *out, const struct ini_item *item,
                     struct err *err)
{
	struct release_info *info = &out->info[out->info_count];

	if (out->info_count == RELEASE_INFO_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d keys in [info]",
		               RELEASE_INFO_MAX);
	if (text_copy(info->key, sizeof info->key, item->key, strlen(item->key),
	              err) < 0 ||
	    text_copy(info->value, sizeof info->value, item->value,
	              strlen(item->value), err) < 0)
		return -1;
	out->info_count++;
	return 0;
}

static int check_info(const struct release_ini *in, struct err *err)
{
	if (in->info_count > RELEASE_INFO_MAX)
		return err_set(err, ERR_USAGE, 0, "more than %d keys in [info]",
		               RELEASE_INFO_MAX);
	for (size_t i = 0; i < in->info_count; i++) {
		if (!is_info_key(in->info[i].key))
			return err_set(err, ERR_USAGE, 0,
			               "not a key of [info]: '%s'",
			               in->info[i].key);
		if (i > 0 && strcmp(in->info[i - 1].key, in->info[i].key) >= 0)
			return err_set(err, ERR_USAGE, 0,
			               "[info] is not in byte order: '%s'",
			               in->info[i].key);
	}
	return 0;
}

static int write_info(const struct release_ini *in, struct buf *out,
                      struct err *err)
{
	if (check_info(in, err) < 0)
		return -1;
	if (in->info_count > 0 && ini_write_section(out, "info", err) < 0)
		return -1;
	for (size_t i = 0; i < in->info_count; i++)
		if (ini_write_item(out, in->info[i].key, in->info[i].value,
		                   err) < 0)
			return -1;
	return 0;
}

/* --- the whole -------------------------------------------------------------
 */

static int take(void *context, const struct ini_item *item, struct err *err)
{
	if (strcmp(item->section, "links") == 0)
		return take_link(context, item, err);
	if (strcmp(item->section, "parts") == 0)
		return take_part(context, item, err);
	if (strcmp(item->section, "info") == 0)
		return take_info(context, item, err);
	return record_take(&table, context, item, err);
}

static int write_sections(const struct release_ini *in, struct buf *out,
                          struct err *err)
{
	if (record_write(&table, in, out, err) < 0 ||
	    write_links(in, out, err) < 0 || write_parts(in, out, err) < 0)
		return -1;
	return write_info(in, out, err);
}

int release_ini_write(const struct release_ini *in, struct buf *out,
                      struct err *err)
{
	size_t before = out->len;

	if (write_sections(in, out, err) < 0) {
		buf_cut(out, before);
		return -1;
	}
	return 0;
}

static int write_record(const void *record, struct buf *out, struct err *err)
{
	return release_ini_write(record, out, err);
}

int release_ini_parse(const char *text, size_t len, struct release_ini *out,
                      struct err *err)
{
	struct release_ini parsed = { 0 };

	if (len > RELEASE_INI_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "release.ini is larger than %zu bytes",
		               RELEASE_INI_MAX);
	if (ini_read(text, len, INI_CANONICAL, take, &parsed, err) < 0 ||
	    record_prove(text, len, &parsed, write_record, err) < 0)
		return err_wrap(err, "release.ini");
	*out = parsed;
	return 0;
}

const struct part_pin *release_ini_pin(const struct release_ini *in,
                                       struct part part)
{
	const struct part_pin *pin = &in->parts[part.kind];

	if (part.kind != PART_PATCH)
		return pin->is_present ? pin : NULL;
	for (size_t i = 0; i < in->patch_count; i++)
		if (in->patches[i].id == part.id)
			return &in->patches[i].pin;
	return NULL;
}

void release_ini_comment(const struct release_ini *in,
                         char out[RELEASE_COMMENT_SIZE])
{
	(void)snprintf(out, RELEASE_COMMENT_SIZE, "%s %s sequence %" PRIu64,
	               in->app, in->version, in->sequence);
}
