/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/github_release.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/rfc3339.h"

#define DIGEST_PREFIX "sha256:"
#define ERRORS_MAX    16 /* of an error's answer that are looked at */

/* --- fields --- */

static int require_text(const struct json_node *object, const char *key,
                        size_t max, const char **out, struct err *err)
{
	struct json_node node = json_member(object, key);

	if (json_require_text(&node, out, err) < 0)
		return -1;
	return json_check_printable(&node, *out, max, err);
}

static int require_number(const struct json_node *object, const char *key,
                          uint64_t max, uint64_t *out, struct err *err)
{
	struct json_node node = json_member(object, key);

	if (!json_is_present(&node))
		return json_refuse(&node, ERR_FORMAT, err, "is missing");
	return json_get_u64(&node, max, out, err);
}

static int read_bool(const struct json_node *object, const char *key, bool *out,
                     struct err *err)
{
	struct json_node node = json_member(object, key);

	return json_get_bool(&node, out, err);
}

/* --- assets --- */

/* One of another kind is as good as none: our own check does not need it. */
static int read_digest(const struct json_node *asset, struct github_asset *out,
                       struct err *err)
{
	struct json_node node = json_member(asset, "digest");
	const size_t prefix = strlen(DIGEST_PREFIX);
	const char *text = "";

	if (json_get_text(&node, &text, err) < 0)
		return -1;
	if (strncmp(text, DIGEST_PREFIX, prefix) != 0)
		return 0;
	text += prefix;
	if (text_from_hex(text, strlen(text), out->digest, sizeof out->digest,
	                  err) < 0)
		return json_refuse(&node, ERR_FORMAT, err,
		                   "not sha256: and 64 lower-case hex digits");
	out->has_digest = true;
	return 0;
}

static int read_asset(const struct json_node *node, struct github_asset *out,
                      struct err *err)
{
	struct json_node state = json_member(node, "state");
	const char *state_text = "";

	if (json_require_object(node, NULL, err) < 0 ||
	    require_number(node, "id", GITHUB_ID_MAX, &out->id, err) < 0 ||
	    require_text(node, "name", GITHUB_NAME_MAX, &out->name, err) < 0 ||
	    require_number(node, "size", GITHUB_SIZE_MAX, &out->size, err) <
	            0 ||
	    json_get_text(&state, &state_text, err) < 0)
		return -1;
	if (strchr(out->name, '/') != NULL)
		return json_refuse(node, ERR_FORMAT, err,
		                   "its name '%.80s' is a path", out->name);
	out->is_uploaded = strcmp(state_text, "uploaded") == 0;
	return read_digest(node, out, err);
}

static int count_assets(const struct json_node *list, size_t *count,
                        struct err *err)
{
	return json_get_list(list, GITHUB_ASSETS_MAX, count, err);
}

/* Behind those that @out has, where room was made for them. */
static int read_assets(const struct json_node *list, struct github_answer *out,
                       struct err *err)
{
	size_t count = 0;

	if (count_assets(list, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct json_node node = json_element(list, i);

		if (read_asset(&node, &out->assets[out->asset_count], err) < 0)
			return -1;
		out->asset_count++;
	}
	return 0;
}

static int make_room(struct github_answer *out, size_t releases, size_t assets,
                     struct err *err)
{
	/* Of nothing, calloc may give nothing. */
	out->releases = calloc(releases + 1, sizeof *out->releases);
	out->assets = calloc(assets + 1, sizeof *out->assets);
	if (out->releases == NULL || out->assets == NULL)
		return err_nomem(err);
	return 0;
}

/* --- releases --- */

static int read_published(const struct json_node *release, int64_t *out,
                          struct err *err)
{
	struct json_node node = json_member(release, "published_at");
	struct instant at = { .seconds = -1 };
	const char *text = "";

	if (json_get_text(&node, &text, err) < 0)
		return -1;
	if (text[0] != '\0' && rfc3339_parse(text, strlen(text), &at, err) < 0)
		return json_refuse(&node, ERR_FORMAT, err, "'%.40s' is no time",
		                   text);
	*out = at.seconds;
	return 0;
}

/* Whether it is an address, and whose, says who uses it. */
static int read_upload_url(const struct json_node *release, const char **out,
                           struct err *err)
{
	struct json_node node = json_member(release, "upload_url");

	*out = "";
	if (!json_is_present(&node))
		return 0;
	return require_text(release, "upload_url", GITHUB_URL_MAX, out, err);
}

static int read_release(const struct json_node *node, struct github_answer *out,
                        struct err *err)
{
	struct github_release *release = &out->releases[out->release_count];
	struct json_node assets = json_member(node, "assets");

	if (json_require_object(node, NULL, err) < 0 ||
	    require_number(node, "id", GITHUB_ID_MAX, &release->id, err) < 0 ||
	    require_text(node, "tag_name", GITHUB_TAG_MAX, &release->tag, err) <
	            0 ||
	    read_bool(node, "draft", &release->is_draft, err) < 0 ||
	    read_bool(node, "prerelease", &release->is_prerelease, err) < 0 ||
	    read_bool(node, "immutable", &release->is_immutable, err) < 0 ||
	    read_upload_url(node, &release->upload_url, err) < 0 ||
	    read_published(node, &release->published, err) < 0)
		return -1;
	release->first = out->asset_count;
	if (read_assets(&assets, out, err) < 0)
		return -1;
	release->count = out->asset_count - release->first;
	out->release_count++;
	return 0;
}

static int read_one(const struct json_node *top, struct github_answer *out,
                    struct err *err)
{
	struct json_node assets = json_member(top, "assets");
	size_t count = 0;

	if (count_assets(&assets, &count, err) < 0 ||
	    make_room(out, 1, count, err) < 0)
		return -1;
	return read_release(top, out, err);
}

/* How many assets the releases of a page have together. */
static int count_all(const struct json_node *list, size_t releases, size_t *all,
                     struct err *err)
{
	*all = 0;
	for (size_t i = 0; i < releases; i++) {
		struct json_node release = json_element(list, i);
		struct json_node assets = json_member(&release, "assets");
		size_t count = 0;

		if (count_assets(&assets, &count, err) < 0)
			return -1;
		*all += count;
	}
	return 0;
}

static int require_list(const struct json_node *top, size_t max, size_t *count,
                        struct err *err)
{
	if (!json_is_present(top))
		return json_refuse(top, ERR_FORMAT, err, "is not a list");
	return json_get_list(top, max, count, err);
}

static int read_page(const struct json_node *top, struct github_answer *out,
                     struct err *err)
{
	size_t count = 0;
	size_t assets = 0;

	if (require_list(top, GITHUB_RELEASES_MAX, &count, err) < 0 ||
	    count_all(top, count, &assets, err) < 0 ||
	    make_room(out, count, assets, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct json_node node = json_element(top, i);

		if (read_release(&node, out, err) < 0)
			return -1;
	}
	return 0;
}

static int read_asset_page(const struct json_node *top,
                           struct github_answer *out, struct err *err)
{
	size_t count = 0;

	if (require_list(top, GITHUB_ASSETS_MAX, &count, err) < 0 ||
	    make_room(out, 0, count, err) < 0)
		return -1;
	return read_assets(top, out, err);
}

static int read_one_asset(const struct json_node *top,
                          struct github_answer *out, struct err *err)
{
	if (make_room(out, 0, 1, err) < 0 ||
	    read_asset(top, &out->assets[0], err) < 0)
		return -1;
	out->asset_count = 1;
	return 0;
}

/* --- answers --- */

static int read_answer(enum github_answer_kind kind, struct github_answer *out,
                       struct err *err)
{
	struct json_node top = json_top(&out->document);

	switch (kind) {
	case GITHUB_RELEASE:
		return read_one(&top, out, err);
	case GITHUB_RELEASES:
		return read_page(&top, out, err);
	case GITHUB_ASSETS:
		return read_asset_page(&top, out, err);
	case GITHUB_ASSET:
		return read_one_asset(&top, out, err);
	}
	return err_set(err, ERR_INTERNAL, 0, "no such answer");
}

int github_answer_parse(enum github_answer_kind kind, const char *text,
                        size_t len, struct github_answer *out, struct err *err)
{
	AUTO_GITHUB_ANSWER struct github_answer answer = GITHUB_ANSWER_NONE;

	if (json_read(text, len, GITHUB_ANSWER_MAX, &answer.document, err) <
	            0 ||
	    read_answer(kind, &answer, err) < 0)
		return err_wrap(err, "reading GitHub's answer");
	*out = answer;
	answer = GITHUB_ANSWER_NONE;
	return 0;
}

void github_answer_done(struct github_answer *answer)
{
	json_document_done(&answer->document);
	free(answer->releases);
	free(answer->assets);
	*answer = GITHUB_ANSWER_NONE;
}

const struct github_asset *
github_find_asset(const struct github_answer *answer,
                  const struct github_release *release, const char *name)
{
	size_t first = release != NULL ? release->first : 0;
	size_t count = release != NULL ? release->count : answer->asset_count;

	for (size_t i = first; i < first + count; i++)
		if (strcmp(answer->assets[i].name, name) == 0)
			return &answer->assets[i];
	return NULL;
}

/* --- errors --- */

/* A text of an answer that may lack it, or have another type there. */
static const char *text_or_none(const struct json_node *object, const char *key)
{
	struct json_node node = json_member(object, key);
	const char *text = "";
	struct err ignored;

	return json_get_text(&node, &text, &ignored) < 0 ? "" : text;
}

static size_t count_errors(const struct json_node *errors)
{
	size_t count = 0;
	struct err ignored; /* more than that is as good as none */

	return json_get_list(errors, ERRORS_MAX, &count, &ignored) < 0 ? 0
	                                                               : count;
}

static void append(char out[GITHUB_MESSAGE_SIZE], const char *separator,
                   const char *text)
{
	size_t used = strlen(out);

	if (text[0] != '\0')
		(void)snprintf(out + used, GITHUB_MESSAGE_SIZE - used, "%s%s",
		               used > 0 ? separator : "", text);
}

/* An element of "errors": a text, or an object, whose message says more than
 * its fields where it has one. */
static void append_error(char out[GITHUB_MESSAGE_SIZE],
                         const struct json_node *node)
{
	static const char *const fields[] = { "resource", "field", "code" };
	const char *message = text_or_none(node, "message");
	const char *text = "";
	const char *separator = ": ";
	struct err ignored;

	if (json_get_text(node, &text, &ignored) == 0 && text[0] != '\0')
		message = text;
	append(out, ": ", message);
	for (size_t i = 0; i < 3 && message[0] == '\0'; i++) {
		append(out, separator, text_or_none(node, fields[i]));
		separator = " ";
	}
}

void github_message(const char *text, size_t len, char out[GITHUB_MESSAGE_SIZE])
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	struct json_node top, errors;
	struct err ignored; /* what is no such answer has no text */
	size_t count;

	out[0] = '\0';
	if (json_read(text, len, GITHUB_ANSWER_MAX, &document, &ignored) < 0)
		return;
	top = json_top(&document);
	errors = json_member(&top, "errors");
	count = count_errors(&errors);
	append(out, "", text_or_none(&top, "message"));
	for (size_t i = 0; i < count; i++) {
		struct json_node node = json_element(&errors, i);

		append_error(out, &node);
	}
	/* ASCII is enough to understand it, and can be cut anywhere. */
	for (char *at = out; *at != '\0'; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
}

bool github_refuses_with(const char *text, size_t len, const char *code)
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	struct json_node top, errors;
	struct err ignored; /* what is no such answer says nothing */
	size_t count;

	if (json_read(text, len, GITHUB_ANSWER_MAX, &document, &ignored) < 0)
		return false;
	top = json_top(&document);
	errors = json_member(&top, "errors");
	count = count_errors(&errors);
	for (size_t i = 0; i < count; i++) {
		struct json_node node = json_element(&errors, i);

		if (strcmp(text_or_none(&node, "code"), code) == 0)
			return true;
	}
	return false;
}
