/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/sbom.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "codec/json_write.h"
#include "crypto/sha256.h"
#include "pack/out_file.h"

#define TOOL        "package-release"
#define SERIAL_SIZE 46 /* "urn:uuid:", 36 digits and a NUL */
#define FLUSH_SIZE  ((size_t)64 * 1024)

/* A UUID made from what identifies the release, not from chance: version 8
 * (RFC 9562, "custom"), so that nobody takes it for a random one. */
static int make_serial(const struct release_ini *release, char out[SERIAL_SIZE],
                       struct err *err)
{
	AUTO_SHA256 struct sha256 hash = SHA256_NONE;
	uint8_t digest[SHA256_LEN];
	char hex[SHA256_HEX_LEN + 1];

	if (sha256_begin(&hash, err) < 0 ||
	    sha256_add(&hash, "tidegate sbom", 14, err) < 0 ||
	    sha256_add(&hash, release->app, strlen(release->app) + 1, err) <
	            0 ||
	    sha256_add(&hash, release->version, strlen(release->version) + 1,
	               err) < 0 ||
	    sha256_add(&hash, release->tar_sha256, sizeof release->tar_sha256,
	               err) < 0 ||
	    sha256_end(&hash, digest, err) < 0)
		return -1;
	digest[6] = (uint8_t)((digest[6] & 0x0f) | 0x80);
	digest[8] = (uint8_t)((digest[8] & 0x3f) | 0x80);
	text_to_hex(digest, sizeof digest, hex);
	(void)snprintf(out, SERIAL_SIZE, "urn:uuid:%.8s-%.4s-%.4s-%.4s-%.12s",
	               hex, hex + 8, hex + 12, hex + 16, hex + 20);
	return 0;
}

static int write_tool(struct json_writer *json, struct err *err)
{
	if (json_open_object(json, "tools", err) < 0 ||
	    json_open_array(json, "components", err) < 0 ||
	    json_open_object(json, NULL, err) < 0 ||
	    json_text(json, "type", "application", err) < 0 ||
	    json_text(json, "name", TOOL, err) < 0 ||
	    json_text(json, "version", TIDEGATE_VERSION, err) < 0 ||
	    json_close(json, err) < 0 || json_close(json, err) < 0)
		return -1;
	return json_close(json, err);
}

static int write_metadata(struct json_writer *json,
                          const struct release_ini *release, struct err *err)
{
	char created[CLOCK_TEXT_SIZE];

	clock_format(release->created, created);
	if (json_open_object(json, "metadata", err) < 0 ||
	    json_text(json, "timestamp", created, err) < 0 ||
	    write_tool(json, err) < 0 ||
	    json_open_object(json, "component", err) < 0 ||
	    json_text(json, "type", "application", err) < 0 ||
	    json_text(json, "name", release->app, err) < 0 ||
	    json_text(json, "version", release->version, err) < 0 ||
	    json_close(json, err) < 0)
		return -1;
	return json_close(json, err);
}

static int write_head(struct json_writer *json,
                      const struct release_ini *release, struct err *err)
{
	char serial[SERIAL_SIZE];

	if (make_serial(release, serial, err) < 0 ||
	    json_open_object(json, NULL, err) < 0 ||
	    json_text(json, "$schema",
	              "http://cyclonedx.org/schema/bom-1.6.schema.json",
	              err) < 0 ||
	    json_text(json, "bomFormat", "CycloneDX", err) < 0 ||
	    json_text(json, "specVersion", "1.6", err) < 0 ||
	    json_text(json, "serialNumber", serial, err) < 0 ||
	    json_u64(json, "version", 1, err) < 0 ||
	    write_metadata(json, release, err) < 0)
		return -1;
	return json_open_array(json, "components", err);
}

static int write_file(struct json_writer *json,
                      const struct source_entry *entry, struct err *err)
{
	char hex[SHA256_HEX_LEN + 1];

	text_to_hex(entry->sha256, sizeof entry->sha256, hex);
	if (json_open_object(json, NULL, err) < 0 ||
	    json_text(json, "type", "file", err) < 0 ||
	    json_text(json, "bom-ref", entry->path, err) < 0 ||
	    json_text(json, "name", entry->path, err) < 0 ||
	    json_open_array(json, "hashes", err) < 0 ||
	    json_open_object(json, NULL, err) < 0 ||
	    json_text(json, "alg", "SHA-256", err) < 0 ||
	    json_text(json, "content", hex, err) < 0 ||
	    json_close(json, err) < 0 || json_close(json, err) < 0)
		return -1;
	return json_close(json, err);
}

/* The document goes out in pieces: a million files need no memory. */
static int write_all(const struct release_ini *release,
                     const struct source_tree *tree, struct out_file *file,
                     struct buf *text, struct err *err)
{
	struct json_writer json;

	json_begin(&json, text);
	if (write_head(&json, release, err) < 0)
		return -1;
	for (size_t i = 0; i < tree->count; i++) {
		if (tree->entries[i].type != ENTRY_FILE)
			continue;
		if (write_file(&json, &tree->entries[i], err) < 0 ||
		    (text->len >= FLUSH_SIZE &&
		     out_file_add_buf(file, text, err) < 0))
			return -1;
	}
	if (json_close(&json, err) < 0 || json_close(&json, err) < 0 ||
	    buf_adds(text, "\n", err) < 0)
		return -1;
	return out_file_add_buf(file, text, err);
}

int sbom_generate(const struct release_ini *release,
                  const struct source_tree *tree, int dir, struct part_pin *pin,
                  struct err *err)
{
	AUTO_OUT_FILE struct out_file file = OUT_FILE_NONE;
	AUTO_BUF struct buf text = BUF_NONE;

	if (out_file_create(dir, "sbom.json", &file, err) < 0 ||
	    write_all(release, tree, &file, &text, err) < 0)
		return err_wrap(err, "making the SBOM");
	return out_file_finish(&file, pin, err);
}
