/* SPDX-License-Identifier: Apache-2.0 */
/* Change or delete each value of a good Sigstore bundle, verify each result in
 * this process, and print what is still accepted:
 *
 *     mutate_bundle BUNDLE ROOT ARTIFACT (KEY | IDENTITY ISSUER)
 *
 * ARTIFACT is a file, or its SHA-256 as "sha256:HEX".
 *
 * One line for each accepted change: what was done, and the path of the value;
 * "replace(N)" is of character N of a text, "flip(N)" of byte N that its base64
 * holds.
 * A last line "# MUTANTS" counts them.  Exit status 1 when the bundle itself
 * does not verify. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "base/text.h"
#include "codec/base64.h"
#include "codec/json_read.h"
#include "codec/sigstore_bundle.h"
#include "codec/trusted_root.h"
#include "crypto/init.h"
#include "crypto/public_key.h"
#include "sigstore/trust.h"
#include "sigstore/verify.h"

#define FLIPS         8 /* positions in a long value */
#define DEPTH_MAX     32
#define DIGEST_PREFIX "sha256:"
#define PATH_SIZE     512

struct run {
	json_t *document; /* the bundle; restored after each change */
	struct sigstore_trust *trusts[TRUSTED_ROOTS_MAX];
	struct sigstore_request request;
	uint8_t sha256[SHA256_LEN];
	unsigned mutants;
};

/* --- verifying
 * ------------------------------------------------------------- */

static bool is_accepted(struct run *run)
{
	AUTO_SIGSTORE struct sigstore_bundle bundle = SIGSTORE_BUNDLE_NONE;
	AUTO_SIGSTORE_RESULT struct sigstore_result result =
		SIGSTORE_RESULT_NONE;
	AUTO_FREE char *text = json_dumps(run->document, JSON_COMPACT);
	struct err err;

	if (text == NULL) /* the change made it no UTF-8: no JSON */
		return false;
	run->mutants++;
	if (sigstore_bundle_parse(text, strlen(text), &bundle, &err) < 0)
		return false;
	run->request.bundle = &bundle;
	return sigstore_verify(&run->request, &result, &err) == 0;
}

static void judge(struct run *run, const char *what, const char *path)
{
	if (is_accepted(run))
		printf("%s %s\n", what, path);
}

/* --- changes of a text
 * ----------------------------------------------------- */

static void try_text(struct run *run, json_t *leaf, const char *what,
                     const char *path, const char *text)
{
	char *before = strdup(json_string_value(leaf));

	if (strcmp(before, text) != 0) {
		(void)json_string_set_nocheck(leaf, text);
		judge(run, what, path);
		(void)json_string_set_nocheck(leaf, before);
	}
	free(before);
}

static void flip_bytes(struct run *run, json_t *leaf, const char *path,
                       uint8_t *data, size_t len)
{
	AUTO_FREE char *text = malloc(BASE64_SIZE(len));
	size_t step = len / FLIPS + 1;

	for (size_t at = 0; at < len; at += step) {
		char what[32];

		data[at] ^= 1;
		base64_encode(data, len, text);
		(void)snprintf(what, sizeof what, "flip(%zu)", at);
		try_text(run, leaf, what, path, text);
		data[at] ^= 1;
	}
	base64_encode(data, len - 1, text);
	try_text(run, leaf, "shorten", path, text);
}

static void change_base64(struct run *run, json_t *leaf, const char *path)
{
	const char *text = json_string_value(leaf);
	size_t len = strlen(text);
	AUTO_FREE uint8_t *data = malloc(BASE64_DECODED_MAX(len) + 1);
	size_t used;
	struct err err;

	if (base64_decode(text, len, data, &used, &err) == 0 && used > 0)
		flip_bytes(run, leaf, path, data, used);
}

static void change_characters(struct run *run, json_t *leaf, const char *path)
{
	size_t len = strlen(json_string_value(leaf));
	AUTO_FREE char *text = calloc(1, len + 2);
	size_t step = len / FLIPS + 1;

	memcpy(text, json_string_value(leaf), len);
	text[len] = 'A';
	try_text(run, leaf, "append", path, text);
	text[len] = '\0';
	for (size_t at = 0; at < len; at += step) {
		char before = text[at];
		char what[32];

		text[at] = (char)(before == '1' ? '2' : '1');
		(void)snprintf(what, sizeof what, "replace(%zu)", at);
		try_text(run, leaf, what, path, text);
		text[at] = before;
	}
	if (len > 0)
		text[len - 1] = '\0';
	try_text(run, leaf, "cut", path, text);
	try_text(run, leaf, "empty", path, "");
}

static void change_leaf(struct run *run, json_t *leaf, const char *path)
{
	if (json_is_integer(leaf)) {
		json_int_t before = json_integer_value(leaf);

		(void)json_integer_set(leaf, before + 1);
		judge(run, "add one", path);
		(void)json_integer_set(leaf, before);
	} else if (json_is_string(leaf)) {
		change_characters(run, leaf, path);
		change_base64(run, leaf, path);
	}
}

/* --- changes of a whole value
 * ---------------------------------------------- */

/* What is absent means the same. */
static bool is_zero(const json_t *value)
{
	const char *text = json_string_value(value);

	return (text != NULL && (text[0] == '\0' || strcmp(text, "0") == 0)) ||
	       ((json_is_object(value) || json_is_array(value)) &&
	        json_object_size(value) + json_array_size(value) == 0);
}

static void put(json_t *parent, const char *key, size_t index, json_t *value)
{
	if (key != NULL)
		(void)json_object_set(parent, key, value);
	else
		(void)json_array_set(parent, index, value);
}

static void try_value(struct run *run, json_t *parent, const char *key,
                      size_t index, json_t *other, const char *what,
                      const char *path)
{
	json_t *before = key != NULL ? json_object_get(parent, key)
	                             : json_array_get(parent, index);

	json_incref(before);
	put(parent, key, index, other);
	judge(run, what, path);
	put(parent, key, index, before);
	json_decref(before);
	json_decref(other);
}

static void delete_element(struct run *run, json_t *list, size_t index,
                           const char *path)
{
	json_t *element = json_incref(json_array_get(list, index));

	(void)json_array_remove(list, index);
	judge(run, "delete", path);
	(void)json_array_insert(list, index, element);
	(void)json_array_insert(list, index, element);
	judge(run, "twice", path);
	(void)json_array_remove(list, index);
	json_decref(element);
}

/* The order of members is of no meaning, so a member may come back last. */
static void delete_member(struct run *run, json_t *object, const char *key,
                          const char *path)
{
	json_t *member = json_incref(json_object_get(object, key));

	(void)json_object_del(object, key);
	judge(run, "delete", path);
	(void)json_object_set(object, key, member);
	json_decref(member);
}

static void change_value(struct run *run, json_t *parent, const char *key,
                         size_t index, const char *path)
{
	json_t *value = key != NULL ? json_object_get(parent, key)
	                            : json_array_get(parent, index);

	if (!is_zero(value)) {
		if (key != NULL)
			delete_member(run, parent, key, path);
		else
			delete_element(run, parent, index, path);
		try_value(run, parent, key, index, json_null(), "null", path);
	}
	try_value(run, parent, key, index, json_pack("{s:i}", "x", 1), "object",
	          path);
	try_value(run, parent, key, index, json_pack("[i]", 1), "list", path);
	try_value(run, parent, key, index, json_true(), "true", path);
	change_leaf(run, value, path);
}

/* --- all values
 * ------------------------------------------------------------ */

/* An object or list on the way to the value that is changed. */
struct level {
	json_t *value;
	const char **keys; /* owned; of an object */
	size_t next, count;
	size_t path_len;
};

static void open_level(struct level *level, json_t *value, size_t path_len)
{
	const char *key;
	json_t *member;

	*level = (struct level){ .value = value, .path_len = path_len };
	level->count = json_array_size(value) + json_object_size(value);
	if (!json_is_object(value) || level->count == 0)
		return;
	level->keys = calloc(level->count, sizeof *level->keys);
	json_object_foreach(value, key, member)
	{
		level->keys[level->next++] = key;
	}
	level->next = 0;
}

static void extend_path(char path[PATH_SIZE], size_t len, const char *key,
                        size_t index)
{
	if (key != NULL)
		(void)snprintf(path + len, PATH_SIZE - len, ".%s", key);
	else
		(void)snprintf(path + len, PATH_SIZE - len, "[%zu]", index);
}

static void mutate(struct run *run)
{
	struct level levels[DEPTH_MAX];
	char path[PATH_SIZE] = "";
	size_t depth = 1;

	open_level(&levels[0], run->document, 0);
	while (depth > 0) {
		struct level *at = &levels[depth - 1];
		size_t index = at->next++;
		AUTO_FREE char *key = NULL;
		json_t *value;

		if (index == at->count || depth == DEPTH_MAX) {
			free(at->keys);
			depth--;
			continue;
		}
		/* jansson frees the key with the member. */
		key = at->keys != NULL ? strdup(at->keys[index]) : NULL;
		extend_path(path, at->path_len, key, index);
		change_value(run, at->value, key, index, path);
		value = key != NULL ? json_object_get(at->value, key)
		                    : json_array_get(at->value, index);
		open_level(&levels[depth++], value, strlen(path));
	}
}

/* --- the start
 * ------------------------------------------------------------- */

static int read_file(const char *path, struct buf *out, struct err *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, ERR_SYSTEM, errno, "%s", path);
	return fs_read_fd(fd, out, err);
}

static int load_trust(struct run *run, const char *path, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;
	AUTO_TRUSTED_ROOTS struct trusted_roots roots = TRUSTED_ROOTS_NONE;

	if (read_file(path, &text, err) < 0 ||
	    trusted_roots_parse(buf_text(&text), text.len, &roots, err) < 0)
		return -1;
	for (size_t i = 0; i < roots.count; i++)
		if (sigstore_trust_new(
			    &roots.roots[i],
			    sigstore_default_evidence(&roots.roots[i]),
			    &run->trusts[i], err) < 0)
			return -1;
	run->request.trust_count = roots.count;
	run->request.trusts = (const struct sigstore_trust *const *)run->trusts;
	return 0;
}

static int load_key(const char *path, struct public_key *out, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;

	if (read_file(path, &text, err) < 0)
		return -1;
	return public_key_from_pem(buf_text(&text), text.len, out, err);
}

static int load_artifact(struct run *run, const char *name,
                         struct buf *artifact, struct err *err)
{
	if (strncmp(name, DIGEST_PREFIX, strlen(DIGEST_PREFIX)) == 0) {
		name += strlen(DIGEST_PREFIX);
		run->request.sha256 = run->sha256;
		return text_from_hex(name, strlen(name), run->sha256,
		                     SHA256_LEN, err);
	}
	if (read_file(name, artifact, err) < 0)
		return -1;
	run->request.artifact =
		(struct bytes){ (const uint8_t *)buf_text(artifact),
		                artifact->len };
	return 0;
}

static int load(struct run *run, char **argv, struct buf *artifact,
                struct public_key *key, struct err *err)
{
	json_error_t reason;

	run->document = json_load_file(argv[1], 0, &reason);
	if (run->document == NULL)
		return err_set(err, ERR_FORMAT, 0, "%s", argv[1]);
	if (load_trust(run, argv[2], err) < 0 ||
	    load_artifact(run, argv[3], artifact, err) < 0)
		return -1;
	if (argv[5] == NULL) {
		run->request.key = key;
		return load_key(argv[4], key, err);
	}
	run->request.identity = argv[4];
	run->request.issuer = argv[5];
	return 0;
}

int main(int argc, char **argv)
{
	AUTO_BUF struct buf artifact = BUF_NONE;
	AUTO_PUBLIC_KEY struct public_key key = PUBLIC_KEY_NONE;
	struct run run = { .mutants = 0 };
	char text[ERR_TEXT_MAX];
	struct err err;
	int status = 0;

	if (argc != 5 && argc != 6) {
		fprintf(stderr, "mutate_bundle BUNDLE ROOT ARTIFACT "
		                "(KEY | IDENTITY ISSUER)\n");
		return 2;
	}
	if (crypto_init(&err) < 0 || json_read_init(&err) < 0 ||
	    load(&run, argv, &artifact, &key, &err) < 0) {
		fprintf(stderr, "%s\n", err_format(&err, text, sizeof text));
		status = 2;
	} else if (!is_accepted(&run)) {
		fprintf(stderr, "%s itself is not accepted\n", argv[1]);
		status = 1;
	} else {
		mutate(&run);
		printf("# %u mutants\n", run.mutants - 1);
	}
	for (size_t i = 0; i < run.request.trust_count; i++)
		sigstore_trust_free(run.trusts[i]);
	json_decref(run.document);
	return status;
}
