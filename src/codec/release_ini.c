/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/release_ini.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "codec/ini.h"
#include "codec/tree_path.h"

#define FORMAT      "1"
#define BYTES_MAX   SEQUENCE_MAX /* any size fits a JSON number too */
#define KERNEL_MAX  65535        /* major and minor */
#define ENTRIES_MAX 1000000

/* Where a reader is: sections and keys come in one order only, which the
 * comparison with the written text proves; here each key finds its field. */
struct reader {
	struct release_ini *out;
	bool has_format;
};

/* --- values --- */

static int copy(const char *value, char *out, size_t size, struct err *err)
{
	if (!text_is_printable(value, strlen(value)))
		return err_set(err, ERR_FORMAT, 0, "unprintable characters");
	return text_copy(out, size, value, strlen(value), err);
}

static int number(const char *value, uint64_t max, uint64_t *out,
                  struct err *err)
{
	return text_u64(value, strlen(value), max, out, err);
}

static int kernel(const char *value, struct release_ini *out, struct err *err)
{
	const char *dot = strchr(value, '.');
	uint64_t major;
	uint64_t minor;

	if (dot == NULL)
		return err_set(err, ERR_FORMAT, 0,
		               "'%s' is not <major>.<minor>", value);
	if (text_u64(value, (size_t)(dot - value), KERNEL_MAX, &major, err) <
	            0 ||
	    text_u64(dot + 1, strlen(dot + 1), KERNEL_MAX, &minor, err) < 0)
		return -1;
	out->kernel_major = (unsigned)major;
	out->kernel_minor = (unsigned)minor;
	return 0;
}

static int pin(const char *value, enum part_kind kind, struct release_ini *out,
               struct err *err)
{
	const char *blank = strchr(value, ' ');
	struct part_pin read = { .is_present = true };

	if (blank == NULL)
		return err_set(err, ERR_FORMAT, 0, "not '<size> <digest>'");
	if (text_u64(value, (size_t)(blank - value), part_max_size(kind),
	             &read.size, err) < 0 ||
	    text_from_hex(blank + 1, strlen(blank + 1), read.sha256, DIGEST_LEN,
	                  err) < 0)
		return -1;
	out->parts[kind] = read;
	return 0;
}

/* --- sections --- */

static int unknown(const struct ini_item *item, struct err *err)
{
	return err_set(err, ERR_FORMAT, 0, "unknown key '%s' in [%s]",
	               item->key, item->section);
}

static int take_head(struct reader *reader, const struct ini_item *item,
                     struct err *err)
{
	if (strcmp(item->key, "format") != 0)
		return unknown(item, err);
	if (strcmp(item->value, FORMAT) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "format %s is not known to this version",
		               item->value);
	reader->has_format = true;
	return 0;
}

static int take_release(struct reader *reader, const struct ini_item *item,
                        struct err *err)
{
	struct release_ini *out = reader->out;
	const char *value = item->value;

	if (strcmp(item->key, "app") == 0)
		return copy(value, out->app, sizeof out->app, err);
	if (strcmp(item->key, "version") == 0)
		return copy(value, out->version, sizeof out->version, err);
	if (strcmp(item->key, "sequence") == 0)
		return number(value, SEQUENCE_MAX, &out->sequence, err);
	if (strcmp(item->key, "created") == 0)
		return clock_parse(value, strlen(value), &out->created, err);
	if (strcmp(item->key, "platform") == 0)
		return copy(value, out->platform, sizeof out->platform, err);
	return unknown(item, err);
}

static int take_source(struct reader *reader, const struct ini_item *item,
                       struct err *err)
{
	struct release_ini *out = reader->out;

	if (strcmp(item->key, "repository") == 0)
		return copy(item->value, out->repository,
		            sizeof out->repository, err);
	if (strcmp(item->key, "revision") == 0)
		return copy(item->value, out->revision, sizeof out->revision,
		            err);
	return unknown(item, err);
}

static int take_requirements(struct reader *reader, const struct ini_item *item,
                             struct err *err)
{
	struct release_ini *out = reader->out;

	if (strcmp(item->key, "architecture") == 0)
		return copy(item->value, out->architecture,
		            sizeof out->architecture, err);
	if (strcmp(item->key, "kernel") == 0)
		return kernel(item->value, out, err);
	if (strcmp(item->key, "memory") == 0)
		return number(item->value, BYTES_MAX, &out->memory, err);
	if (strcmp(item->key, "disk") == 0)
		return number(item->value, BYTES_MAX, &out->disk, err);
	return unknown(item, err);
}

static int take_payload(struct reader *reader, const struct ini_item *item,
                        struct err *err)
{
	struct release_ini *out = reader->out;
	const char *value = item->value;

	if (strcmp(item->key, "entries") == 0)
		return number(value, ENTRIES_MAX, &out->entries, err);
	if (strcmp(item->key, "bytes") == 0)
		return number(value, BYTES_MAX, &out->bytes, err);
	if (strcmp(item->key, "tar_size") == 0)
		return number(value, BYTES_MAX, &out->tar_size, err);
	if (strcmp(item->key, "tar_sha256") == 0)
		return text_from_hex(value, strlen(value), out->tar_sha256,
		                     DIGEST_LEN, err);
	if (strcmp(item->key, "encoder") == 0)
		return copy(value, out->encoder, sizeof out->encoder, err);
	if (strcmp(item->key, "profile") == 0)
		return copy(value, out->profile, sizeof out->profile, err);
	return unknown(item, err);
}

/* Numbers from 1 without a gap. */
static int take_links(struct reader *reader, const struct ini_item *item,
                      struct err *err)
{
	struct release_ini *out = reader->out;
	uint64_t n;

	if (number(item->key, RELEASE_LINKS_MAX, &n, err) < 0)
		return -1;
	if (n != out->link_count + 1)
		return err_set(err, ERR_FORMAT, 0, "link %zu must come next",
		               out->link_count + 1);
	return copy(item->value, out->links[out->link_count++],
	            sizeof out->links[0], err);
}

static int take_parts(struct reader *reader, const struct ini_item *item,
                      struct err *err)
{
	struct part part;

	if (!part_parse(item->key, strlen(item->key), &part) ||
	    !part_is_pinned(part.kind))
		return err_set(err, ERR_FORMAT, 0, "unknown part '%s'",
		               item->key);
	return pin(item->value, part.kind, reader->out, err);
}

static int take_info(struct reader *reader, const struct ini_item *item,
                     struct err *err)
{
	struct release_ini *out = reader->out;
	struct release_info *info = &out->info[out->info_count];

	if (out->info_count == RELEASE_INFO_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d keys in [info]",
		               RELEASE_INFO_MAX);
	out->info_count++;
	if (copy(item->key, info->key, sizeof info->key, err) < 0)
		return -1;
	return copy(item->value, info->value, sizeof info->value, err);
}

static int take_item(void *context, const struct ini_item *item,
                     struct err *err)
{
	static const struct {
		const char *section;
		int (*take)(struct reader *reader, const struct ini_item *item,
		            struct err *err);
	} rows[] = {
		{ "", take_head },
		{ "release", take_release },
		{ "source", take_source },
		{ "requirements", take_requirements },
		{ "payload", take_payload },
		{ "links", take_links },
		{ "parts", take_parts },
		{ "info", take_info },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].section, item->section) == 0)
			return rows[i].take(context, item, err);
	return err_set(err, ERR_FORMAT, 0, "unknown section [%s]",
	               item->section);
}

/* --- what must hold of the whole --- */

static int wrong(struct err *err, const char *what)
{
	return err_set(err, ERR_FORMAT, 0, "%s", what);
}

static bool is_word(const char *text, const char *extra)
{
	for (; *text != '\0'; text++)
		if ((*text < 'a' || *text > 'z') &&
		    (*text < '0' || *text > '9') &&
		    strchr(extra, *text) == NULL)
			return false;
	return true;
}

/* A value that the INI reader would not give back as it is. */
static bool is_value(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && text[0] != ' ' && text[len - 1] != ' ' &&
	       strchr(text, ';') == NULL && text_is_printable(text, len);
}

static bool is_absent_or_value(const char *text)
{
	return text[0] == '\0' || is_value(text);
}

static int check_names(const struct release_ini *in, struct err *err)
{
	if (!name_is_app(in->app, strlen(in->app)))
		return wrong(err, "app is no name of an app");
	if (!name_is_version(in->version, strlen(in->version)))
		return wrong(err, "version is not in the grammar of versions");
	if (in->platform[0] != '\0' &&
	    !name_is_platform(in->platform, strlen(in->platform)))
		return wrong(err, "platform is not <os>/<arch>");
	if (!is_word(in->architecture, ""))
		return wrong(err, "architecture is not [a-z0-9]{1,16}");
	if (!is_absent_or_value(in->repository) ||
	    !is_absent_or_value(in->revision))
		return wrong(err, "source holds what no value may hold");
	return 0;
}

static int check_payload(const struct release_ini *in, struct err *err)
{
	if (in->sequence > SEQUENCE_MAX || in->created < 0 ||
	    in->created > CLOCK_MAX)
		return wrong(err, "sequence or created is out of range");
	if (in->entries < 1 || in->entries > ENTRIES_MAX)
		return wrong(err, "entries is not from 1 to 1000000");
	if (in->tar_size < 1 || in->tar_size > BYTES_MAX ||
	    in->bytes > in->tar_size || in->memory > BYTES_MAX ||
	    in->disk > BYTES_MAX)
		return wrong(err, "a size is out of range");
	if (!is_value(in->encoder))
		return wrong(err, "encoder is missing");
	if (in->profile[0] != '\0' &&
	    (!is_value(in->profile) ||
	     tree_path_check(in->profile, strlen(in->profile), err) < 0))
		return wrong(err, "profile is no path in the payload");
	for (size_t i = 0; i < in->link_count; i++)
		if (!is_value(in->links[i]))
			return wrong(err, "a link pattern is no value");
	return 0;
}

static int check_parts(const struct release_ini *in, struct err *err)
{
	for (int kind = 0; kind < PART_KINDS; kind++) {
		const struct part_pin *part = &in->parts[kind];
		char name[PART_NAME_SIZE];

		if (!part_is_pinned((enum part_kind)kind))
			continue;
		part_name((struct part){ (enum part_kind)kind, 0 }, name);
		if (!part->is_present && part_is_required((enum part_kind)kind))
			return err_set(err, ERR_FORMAT, 0, "no '%s' in [parts]",
			               name);
		if (part->size > part_max_size((enum part_kind)kind))
			return err_set(err, ERR_LIMIT, 0, "'%s' is too large",
			               name);
	}
	if (in->profile[0] != '\0' && !in->parts[PART_PROFILE_ENV].is_present)
		return wrong(err, "profile is named, but no part profile.env");
	return 0;
}

static int check_info(const struct release_ini *in, struct err *err)
{
	for (size_t i = 0; i < in->info_count; i++) {
		const char *key = in->info[i].key;

		if (key[0] == '\0' || !is_word(key, "_.-") ||
		    !is_value(in->info[i].value))
			return wrong(err, "a key of [info] is not as allowed");
		if (i > 0 && strcmp(in->info[i - 1].key, key) >= 0)
			return wrong(err, "the keys of [info] are not sorted");
	}
	return 0;
}

static int check(const struct release_ini *in, struct err *err)
{
	if (check_names(in, err) < 0 || check_payload(in, err) < 0 ||
	    check_parts(in, err) < 0 || check_info(in, err) < 0)
		return -1;
	return 0;
}

/* --- writing --- */

static int put_text(struct buf *out, const char *key, const char *value,
                    struct err *err)
{
	return value[0] == '\0' ? 0
	                        : buf_printf(out, err, "%s = %s\n", key, value);
}

static int put_number(struct buf *out, const char *key, uint64_t value,
                      struct err *err)
{
	return buf_printf(out, err, "%s = %llu\n", key,
	                  (unsigned long long)value);
}

/* 0 means that the key is absent. */
static int put_positive(struct buf *out, const char *key, uint64_t value,
                        struct err *err)
{
	return value == 0 ? 0 : put_number(out, key, value, err);
}

static int write_release(const struct release_ini *in, struct buf *out,
                         struct err *err)
{
	char created[CLOCK_TEXT_SIZE];

	clock_format(in->created, created);
	if (buf_adds(out, "format = " FORMAT "\n\n[release]\n", err) < 0 ||
	    put_text(out, "app", in->app, err) < 0 ||
	    put_text(out, "version", in->version, err) < 0 ||
	    put_number(out, "sequence", in->sequence, err) < 0 ||
	    put_text(out, "created", created, err) < 0)
		return -1;
	return put_text(out, "platform", in->platform, err);
}

static int write_source(const struct release_ini *in, struct buf *out,
                        struct err *err)
{
	if (in->repository[0] == '\0' && in->revision[0] == '\0')
		return 0;
	if (buf_adds(out, "\n[source]\n", err) < 0 ||
	    put_text(out, "repository", in->repository, err) < 0)
		return -1;
	return put_text(out, "revision", in->revision, err);
}

static int write_requirements(const struct release_ini *in, struct buf *out,
                              struct err *err)
{
	bool has_kernel = in->kernel_major != 0 || in->kernel_minor != 0;

	if (in->architecture[0] == '\0' && !has_kernel && in->memory == 0 &&
	    in->disk == 0)
		return 0;
	if (buf_adds(out, "\n[requirements]\n", err) < 0 ||
	    put_text(out, "architecture", in->architecture, err) < 0 ||
	    (has_kernel &&
	     buf_printf(out, err, "kernel = %u.%u\n", in->kernel_major,
	                in->kernel_minor) < 0) ||
	    put_positive(out, "memory", in->memory, err) < 0)
		return -1;
	return put_positive(out, "disk", in->disk, err);
}

static int write_payload(const struct release_ini *in, struct buf *out,
                         struct err *err)
{
	char digest[2 * DIGEST_LEN + 1];

	text_to_hex(in->tar_sha256, DIGEST_LEN, digest);
	if (buf_adds(out, "\n[payload]\n", err) < 0 ||
	    put_number(out, "entries", in->entries, err) < 0 ||
	    put_number(out, "bytes", in->bytes, err) < 0 ||
	    put_number(out, "tar_size", in->tar_size, err) < 0 ||
	    put_text(out, "tar_sha256", digest, err) < 0 ||
	    put_text(out, "encoder", in->encoder, err) < 0)
		return -1;
	return put_text(out, "profile", in->profile, err);
}

static int write_links(const struct release_ini *in, struct buf *out,
                       struct err *err)
{
	if (in->link_count > 0 && buf_adds(out, "\n[links]\n", err) < 0)
		return -1;
	for (size_t i = 0; i < in->link_count; i++)
		if (buf_printf(out, err, "%zu = %s\n", i + 1, in->links[i]) < 0)
			return -1;
	return 0;
}

static int write_parts(const struct release_ini *in, struct buf *out,
                       struct err *err)
{
	if (buf_adds(out, "\n[parts]\n", err) < 0)
		return -1;
	for (int kind = 0; kind < PART_KINDS; kind++) {
		const struct part_pin *part = &in->parts[kind];
		char digest[2 * DIGEST_LEN + 1];
		char name[PART_NAME_SIZE];

		if (!part->is_present || !part_is_pinned((enum part_kind)kind))
			continue;
		part_name((struct part){ (enum part_kind)kind, 0 }, name);
		text_to_hex(part->sha256, DIGEST_LEN, digest);
		if (buf_printf(out, err, "%s = %llu %s\n", name,
		               (unsigned long long)part->size, digest) < 0)
			return -1;
	}
	return 0;
}

static int write_info(const struct release_ini *in, struct buf *out,
                      struct err *err)
{
	if (in->info_count > 0 && buf_adds(out, "\n[info]\n", err) < 0)
		return -1;
	for (size_t i = 0; i < in->info_count; i++)
		if (put_text(out, in->info[i].key, in->info[i].value, err) < 0)
			return -1;
	return 0;
}

static int write_all(const struct release_ini *in, struct buf *out,
                     struct err *err)
{
	if (write_release(in, out, err) < 0 || write_source(in, out, err) < 0 ||
	    write_requirements(in, out, err) < 0 ||
	    write_payload(in, out, err) < 0 || write_links(in, out, err) < 0 ||
	    write_parts(in, out, err) < 0 || write_info(in, out, err) < 0)
		return -1;
	return 0;
}

int release_ini_write(const struct release_ini *in, struct buf *out,
                      struct err *err)
{
	if (check(in, err) < 0) {
		err->code = ERR_USAGE;
		return err_wrap(err, "release.ini");
	}
	return write_all(in, out, err);
}

int release_ini_parse(const char *text, size_t len, struct release_ini *out,
                      struct err *err)
{
	AUTO_BUF struct buf again = BUF_LIMIT(2 * RELEASE_INI_MAX);
	AUTO_FREE struct release_ini *read = calloc(1, sizeof *read);
	struct reader reader = { .out = read };

	if (read == NULL)
		return err_nomem(err);
	if (len > RELEASE_INI_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "release.ini is larger than %zu bytes",
		               RELEASE_INI_MAX);
	if (ini_read(text, len, INI_CANONICAL, take_item, &reader, err) < 0)
		return err_wrap(err, "release.ini");
	if (!reader.has_format)
		return err_set(err, ERR_FORMAT, 0,
		               "release.ini does not begin with format = 1");
	if (check(read, err) < 0 || write_all(read, &again, err) < 0)
		return err_wrap(err, "release.ini");
	if (again.len != len || memcmp(again.data, text, len) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "release.ini is not spelled as the format "
		               "demands (order, blanks, empty lines)");
	*out = *read;
	return 0;
}
