/* SPDX-License-Identifier: Apache-2.0 */
/* package-release inspect: what a bundle says of itself.  Nothing is judged. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "codec/json_write.h"
#include "codec/minisign.h"
#include "pack/evidence.h"
#include "pack/sealed_bundle.h"
#include "request.h"
#include "say.h"

/* --- text
 * -------------------------------------------------------------------------- */

static int print_line(struct buf *out, const char *label, const char *value,
                      struct err *err)
{
	if (value[0] == '\0')
		return 0;
	return buf_printf(out, err, "%-13s %s\n", label, value);
}

static int print_requirements(const struct release_ini *release,
                              struct buf *out, struct err *err)
{
	if (print_line(out, "architecture", release->architecture, err) < 0)
		return -1;
	if (release->kernel_major > 0 &&
	    buf_printf(out, err, "%-13s %u.%u\n", "kernel",
	               release->kernel_major, release->kernel_minor) < 0)
		return -1;
	if (release->memory > 0 &&
	    buf_printf(out, err, "%-13s %llu bytes\n", "memory",
	               (unsigned long long)release->memory) < 0)
		return -1;
	if (release->disk > 0 &&
	    buf_printf(out, err, "%-13s %llu bytes\n", "disk",
	               (unsigned long long)release->disk) < 0)
		return -1;
	return 0;
}

static int print_lists(const struct release_ini *release, struct buf *out,
                       struct err *err)
{
	for (size_t i = 0; i < release->link_count; i++)
		if (print_line(out, "foreign link", release->links[i], err) < 0)
			return -1;
	for (size_t i = 0; i < release->info_count; i++)
		if (buf_printf(out, err, "%-13s %s = %s\n", "info",
		               release->info[i].key,
		               release->info[i].value) < 0)
			return -1;
	return 0;
}

static int print_tar(const struct release_ini *release, struct buf *out,
                     struct err *err)
{
	char hex[2 * DIGEST_LEN + 1];

	text_to_hex(release->tar_sha256, DIGEST_LEN, hex);
	return buf_printf(out, err, "%-13s %s\n%-13s %llu bytes\n",
	                  "tar_sha256", hex, "tar_size",
	                  (unsigned long long)release->tar_size);
}

static int print_release(const struct release_ini *release, struct buf *out,
                         struct err *err)
{
	char created[CLOCK_TEXT_SIZE];

	clock_format(release->created, created);
	if (print_line(out, "app", release->app, err) < 0 ||
	    print_line(out, "version", release->version, err) < 0 ||
	    buf_printf(out, err, "%-13s %llu\n", "sequence",
	               (unsigned long long)release->sequence) < 0 ||
	    print_line(out, "created", created, err) < 0 ||
	    print_line(out, "platform", release->platform, err) < 0 ||
	    print_line(out, "repository", release->repository, err) < 0 ||
	    print_line(out, "revision", release->revision, err) < 0 ||
	    print_requirements(release, out, err) < 0 ||
	    buf_printf(out, err, "%-13s %llu, %llu bytes\n", "entries",
	               (unsigned long long)release->entries,
	               (unsigned long long)release->bytes) < 0 ||
	    print_tar(release, out, err) < 0 ||
	    print_line(out, "encoder", release->encoder, err) < 0 ||
	    print_line(out, "profile", release->profile, err) < 0)
		return -1;
	return print_lists(release, out, err);
}

static int print_part(const struct sealed_bundle *bundle,
                      const struct sealed_part *part, struct buf *out,
                      struct err *err)
{
	struct minisign_signature signature;
	char name[PART_NAME_SIZE];
	char id[MINISIGN_ID_TEXT];

	part_name(part->part, name);
	if (buf_printf(out, err, "%-13s %s, %llu bytes", "part", name,
	               (unsigned long long)part->size) < 0)
		return -1;
	if (!part_is_minisign(part->part.kind))
		return buf_adds(out, "\n", err);
	if (evidence_signature(bundle, part, &signature, err) < 0)
		return err_wrap(err, "'%s'", name);
	minisign_id_text(signature.id, id);
	return buf_printf(out, err, ", says it is by key %s\n", id);
}

static int print_text(const struct sealed_bundle *bundle, struct buf *out,
                      struct err *err)
{
	if (print_release(&bundle->release, out, err) < 0)
		return -1;
	for (size_t i = 0; i < bundle->count; i++)
		if (print_part(bundle, &bundle->parts[i], out, err) < 0)
			return -1;
	return 0;
}

/* --- JSON
 * -------------------------------------------------------------------------- */

static int json_if(struct json_writer *json, const char *key, const char *value,
                   struct err *err)
{
	return value[0] != '\0' ? json_text(json, key, value, err) : 0;
}

static int json_digest(struct json_writer *json, const char *key,
                       const uint8_t digest[DIGEST_LEN], struct err *err)
{
	char hex[2 * DIGEST_LEN + 1];

	text_to_hex(digest, DIGEST_LEN, hex);
	return json_text(json, key, hex, err);
}

static int json_requirements(struct json_writer *json,
                             const struct release_ini *release, struct err *err)
{
	char kernel[32] = "";

	if (release->kernel_major > 0)
		(void)snprintf(kernel, sizeof kernel, "%u.%u",
		               release->kernel_major, release->kernel_minor);
	if (json_open_object(json, "requirements", err) < 0 ||
	    json_if(json, "architecture", release->architecture, err) < 0 ||
	    json_if(json, "kernel", kernel, err) < 0 ||
	    (release->memory > 0 &&
	     json_u64(json, "memory", release->memory, err) < 0) ||
	    (release->disk > 0 &&
	     json_u64(json, "disk", release->disk, err) < 0))
		return -1;
	return json_close(json, err);
}

static int json_lists(struct json_writer *json,
                      const struct release_ini *release, struct err *err)
{
	if (json_open_array(json, "links", err) < 0)
		return -1;
	for (size_t i = 0; i < release->link_count; i++)
		if (json_text(json, NULL, release->links[i], err) < 0)
			return -1;
	if (json_close(json, err) < 0 ||
	    json_open_object(json, "info", err) < 0)
		return -1;
	for (size_t i = 0; i < release->info_count; i++)
		if (json_text(json, release->info[i].key,
		              release->info[i].value, err) < 0)
			return -1;
	return json_close(json, err);
}

static int json_release(struct json_writer *json,
                        const struct release_ini *release, struct err *err)
{
	char created[CLOCK_TEXT_SIZE];

	clock_format(release->created, created);
	if (json_text(json, "app", release->app, err) < 0 ||
	    json_text(json, "version", release->version, err) < 0 ||
	    json_u64(json, "sequence", release->sequence, err) < 0 ||
	    json_text(json, "created", created, err) < 0 ||
	    json_if(json, "platform", release->platform, err) < 0 ||
	    json_if(json, "repository", release->repository, err) < 0 ||
	    json_if(json, "revision", release->revision, err) < 0 ||
	    json_requirements(json, release, err) < 0 ||
	    json_u64(json, "entries", release->entries, err) < 0 ||
	    json_u64(json, "bytes", release->bytes, err) < 0 ||
	    json_u64(json, "tar_size", release->tar_size, err) < 0 ||
	    json_digest(json, "tar_sha256", release->tar_sha256, err) < 0 ||
	    json_text(json, "encoder", release->encoder, err) < 0 ||
	    json_if(json, "profile", release->profile, err) < 0)
		return -1;
	return json_lists(json, release, err);
}

static int json_part(struct json_writer *json,
                     const struct sealed_bundle *bundle,
                     const struct sealed_part *part, struct err *err)
{
	const struct part_pin *pin =
		part_is_pinned(part->part.kind)
			? release_ini_pin(&bundle->release, part->part)
			: NULL;
	struct minisign_signature signature;
	char name[PART_NAME_SIZE];
	char id[MINISIGN_ID_TEXT];

	part_name(part->part, name);
	if (json_open_object(json, NULL, err) < 0 ||
	    json_text(json, "name", name, err) < 0 ||
	    json_u64(json, "size", part->size, err) < 0 ||
	    (pin != NULL && json_digest(json, "sha256", pin->sha256, err) < 0))
		return -1;
	if (!part_is_minisign(part->part.kind))
		return json_close(json, err);
	if (evidence_signature(bundle, part, &signature, err) < 0)
		return err_wrap(err, "'%s'", name);
	minisign_id_text(signature.id, id);
	if (json_text(json, "key", id, err) < 0 ||
	    json_text(json, "comment", signature.comment, err) < 0)
		return -1;
	return json_close(json, err);
}

static int print_json(const struct sealed_bundle *bundle, struct buf *out,
                      struct err *err)
{
	struct json_writer json;

	json_begin(&json, out);
	if (json_open_object(&json, NULL, err) < 0 ||
	    json_release(&json, &bundle->release, err) < 0 ||
	    json_open_array(&json, "parts", err) < 0)
		return -1;
	for (size_t i = 0; i < bundle->count; i++)
		if (json_part(&json, bundle, &bundle->parts[i], err) < 0)
			return -1;
	if (json_close(&json, err) < 0 || json_close(&json, err) < 0)
		return -1;
	return buf_adds(out, "\n", err);
}

int inspect_run(void *context, struct err *err)
{
	const struct request *request = context;
	AUTO_SEALED struct sealed_bundle bundle = SEALED_BUNDLE_NONE;
	AUTO_BUF struct buf text = BUF_NONE;

	if (sealed_bundle_open(request->operands[0], &bundle, err) < 0)
		return -1;
	if (request->json ? print_json(&bundle, &text, err) < 0
	                  : print_text(&bundle, &text, err) < 0)
		return -1;
	return print_result(&text, err);
}
