/* SPDX-License-Identifier: Apache-2.0 */
/* The checking half of pack/sbom.h.  An SBOM may be larger, nest deeper and
 * have more values than json_read.h takes, so that it is jansson's alone. */
#include "pack/sbom.h"

#include <jansson.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "crypto/sha256.h"

/* Components lie in components; deeper ones than this are refused. */
#define NESTED_MAX 64

static void cleanup_json(json_t **value)
{
	json_decref(*value);
}

#define AUTO_JSON AUTO(cleanup_json)

/* How the two formats say "this file has this digest". */
struct dialect {
	const char *name;      /* key of the file's name */
	const char *digests;   /* key of the array of digests */
	const char *algorithm; /* key of the algorithm's name */
	const char *sha256;    /* and that name */
	const char *value;     /* key of the hex digits */
};

static const struct dialect cyclonedx = { "name", "hashes", "alg", "SHA-256",
	                                  "content" };
static const struct dialect spdx = { "fileName", "checksums", "algorithm",
	                             "SHA256", "checksumValue" };

static const char *text_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

static const char *strip(const char *name)
{
	if (strncmp(name, "./", 2) == 0)
		return name + 2;
	return name[0] == '/' ? name + 1 : name;
}

static int check_file(const json_t *file, const struct dialect *dialect,
                      const struct source_tree *tree, struct err *err)
{
	const char *path = strip(text_at(file, dialect->name));
	const struct source_entry *entry = source_tree_find(tree, path);
	const json_t *digests = json_object_get(file, dialect->digests);
	char want[SHA256_HEX_LEN + 1];
	size_t i;
	const json_t *digest;

	if (entry == NULL || entry->type != ENTRY_FILE)
		return 0;
	text_to_hex(entry->sha256, sizeof entry->sha256, want);
	json_array_foreach(digests, i, digest)
	{
		if (strcmp(text_at(digest, dialect->algorithm),
		           dialect->sha256) != 0)
			continue;
		if (strcasecmp(text_at(digest, dialect->value), want) != 0)
			return err_set(err, ERR_FORMAT, 0,
			               "it says that '%s' has SHA-256 '%.64s', "
			               "but the payload's has %s",
			               path, text_at(digest, dialect->value),
			               want);
	}
	return 0;
}

/* One array of components and how far it was read. */
struct level {
	const json_t *components;
	size_t next;
};

static int check_components(const json_t *root, const struct source_tree *tree,
                            struct err *err)
{
	struct level stack[NESTED_MAX] = { { root, 0 } };
	size_t depth = 1;

	while (depth > 0) {
		struct level *level = &stack[depth - 1];
		const json_t *component =
			json_array_get(level->components, level->next++);
		const json_t *inner;

		if (component == NULL) {
			depth--;
			continue;
		}
		if (strcmp(text_at(component, "type"), "file") == 0 &&
		    check_file(component, &cyclonedx, tree, err) < 0)
			return -1;
		inner = json_object_get(component, "components");
		if (inner == NULL)
			continue;
		if (depth == NESTED_MAX)
			return err_set(err, ERR_LIMIT, 0,
			               "components nested deeper than %d",
			               NESTED_MAX);
		stack[depth++] = (struct level){ inner, 0 };
	}
	return 0;
}

static int check_cyclonedx(const json_t *document,
                           const struct source_tree *tree, struct err *err)
{
	static const char *const versions[] = { "1.4", "1.5", "1.6", "1.7" };
	const char *version = text_at(document, "specVersion");
	bool is_known = false;

	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
		is_known |= strcmp(version, versions[i]) == 0;
	if (!is_known)
		return err_set(err, ERR_FORMAT, 0,
		               "it is CycloneDX '%s'; 1.4 to 1.7 are "
		               "understood",
		               version);
	return check_components(json_object_get(document, "components"), tree,
	                        err);
}

static int check_spdx(const json_t *document, const struct source_tree *tree,
                      struct err *err)
{
	const char *version = text_at(document, "spdxVersion");
	size_t i;
	const json_t *file;

	if (strcmp(version, "SPDX-2.3") != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "it is '%s'; SPDX-2.3 is understood", version);
	json_array_foreach(json_object_get(document, "files"), i, file)
	{
		if (check_file(file, &spdx, tree, err) < 0)
			return -1;
	}
	return 0;
}

int sbom_check(const char *text, size_t len, const struct source_tree *tree,
               struct err *err)
{
	json_error_t why;
	AUTO_JSON json_t *document =
		json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);

	if (document == NULL)
		return err_set(err, ERR_FORMAT, 0, "it is no JSON: line %d: %s",
		               why.line, why.text);
	if (strcmp(text_at(document, "bomFormat"), "CycloneDX") == 0)
		return check_cyclonedx(document, tree, err);
	if (json_object_get(document, "spdxVersion") != NULL)
		return check_spdx(document, tree, err);
	return err_set(err, ERR_FORMAT, 0,
	               "it is neither CycloneDX nor SPDX in JSON");
}
