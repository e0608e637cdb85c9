/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/settings_identity.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "codec/pattern.h"
#include "codec/release_ini.h"
#include "codec/workflow.h"

static const char *const field_names[IDENTITY_FIELDS] = {
	[IDENTITY_ISSUER] = "issuer",
	[IDENTITY_SUBJECT] = "subject",
	[IDENTITY_REPOSITORY] = "repository",
	[IDENTITY_WORKFLOW] = "workflow",
	[IDENTITY_REF] = "ref",
	[IDENTITY_SOURCE_REPOSITORY] = "source_repository",
	[IDENTITY_SOURCE_REF] = "source_ref",
	[IDENTITY_RUNNER_ENVIRONMENT] = "runner_environment",
	[IDENTITY_BUILDER_ID] = "builder_id",
	[IDENTITY_TRIGGER] = "trigger",
	[IDENTITY_SOURCE_OWNER_ID] = "source_owner_id",
	[IDENTITY_SOURCE_REPOSITORY_ID] = "source_repository_id",
};

const char *identity_field_name(enum identity_field field)
{
	return field_names[field];
}

/* --- reading --- */

static int take_field(struct settings_identity *identity,
                      enum identity_field field, const char *value,
                      struct err *err)
{
	size_t len = strlen(value);

	if (!text_is_printable(value, len))
		return err_set(err, ERR_USAGE, 0, "%s: unprintable characters",
		               field_names[field]);
	if (text_copy(identity->text[field], IDENTITY_VALUE_SIZE, value, len,
	              err) < 0)
		return err_wrap(err, "%s", field_names[field]);
	return 0;
}

int settings_take_identity(struct settings_identity *identity,
                           const struct ini_item *item, struct err *err)
{
	if (strcmp(item->key, "max_sequence") == 0) {
		if (text_u64(item->value, strlen(item->value), SEQUENCE_MAX,
		             &identity->max_sequence, err) < 0)
			return err_set(err, ERR_USAGE, 0, "'%s' is no sequence",
			               item->value);
		return 0;
	}
	for (enum identity_field f = 0; f < IDENTITY_FIELDS; f++)
		if (strcmp(item->key, field_names[f]) == 0)
			return take_field(identity, f, item->value, err);
	return err_set(err, ERR_USAGE, 0, "unknown key '%s' in [%s]", item->key,
	               item->section);
}

/* Whether the word of @len bytes at @word stands in @names; its bit in @bit. */
static bool find_bit(const char *word, size_t len, const char *const *names,
                     unsigned *bit)
{
	*bit = 1;
	for (; *names != NULL; names++, *bit <<= 1)
		if (text_equal(word, len, *names))
			return true;
	return false;
}

/* One word between commas, without the blanks around it. */
static const char *next_item(const char **at, size_t *len)
{
	const char *start = *at + strspn(*at, " ");
	const char *end = start + strcspn(start, ",");

	*at = *end == ',' ? end + 1 : NULL;
	while (end > start && end[-1] == ' ')
		end--;
	*len = (size_t)(end - start);
	return start;
}

int settings_take_set(const char *value, const char *const *names,
                      unsigned *out, struct err *err)
{
	const char *at = value;
	unsigned set = 0;

	while (at != NULL) {
		size_t len;
		const char *word = next_item(&at, &len);
		unsigned bit;

		if (!find_bit(word, len, names, &bit))
			return err_set(err, ERR_USAGE, 0,
			               "'%.*s' is not supported by this "
			               "version, which knows '%s', '%s' and "
			               "'%s' with commas between them",
			               (int)len, word, names[0], names[1],
			               names[2]);
		if ((set & bit) != 0)
			return err_set(err, ERR_USAGE, 0, "'%.*s' stands twice",
			               (int)len, word);
		set |= bit;
	}
	*out = set;
	return 0;
}

int settings_take_root(struct settings_root *root, const struct ini_item *item,
                       struct err *err)
{
	static const char *const names[] = { "log", "timestamp", "sct", NULL };

	if (strcmp(item->key, "require") != 0)
		return err_set(err, ERR_USAGE, 0, "unknown key '%s' in [%s]",
		               item->key, item->section);
	if (settings_take_set(item->value, names, &root->require, err) < 0)
		return err_wrap(err, "require");
	return 0;
}

/* --- what belongs together --- */

static bool has(const struct settings_identity *identity,
                enum identity_field field)
{
	return identity->text[field][0] != '\0';
}

static int refuse_pair(enum identity_field field, enum identity_field other,
                       struct err *err)
{
	return err_set(err, ERR_USAGE, 0, "%s goes with a %s only",
	               field_names[field], field_names[other]);
}

/* OWNER/REPO, patterns allowed in each, "**" in neither: it would match what
 * lies behind the repository. */
static int check_repository(const char *text, size_t len, struct err *err)
{
	const char *slash = memchr(text, '/', len);

	if (slash == NULL || slash == text || slash + 1 == text + len ||
	    memchr(slash + 1, '/', len - (size_t)(slash + 1 - text)) != NULL)
		return err_set(err, ERR_USAGE, 0, "'%.*s' is not OWNER/REPO",
		               (int)len, text);
	if (memmem(text, len, "**", 2) != NULL)
		return err_set(err, ERR_USAGE, 0,
		               "'%.*s': write '*', not '**', in a repository",
		               (int)len, text);
	return 0;
}

static int check_workflow(const char *text, struct err *err)
{
	char path[IDENTITY_VALUE_SIZE + 32];
	struct workflow workflow;

	if (workflow_parse_setting(text, path, sizeof path, &workflow, err) < 0)
		return -1;
	if (workflow.repository.len == 0)
		return 0;
	if (workflow.ref.len == 0)
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is of another repository, and any branch "
		               "of it would do; write @REF behind it",
		               text);
	return check_repository(workflow.repository.text,
	                        workflow.repository.len, err);
}

static int check_with_repository(const struct settings_identity *identity,
                                 struct err *err)
{
	const char *repository = identity->text[IDENTITY_REPOSITORY];
	char server[WORKFLOW_SERVER_SIZE];

	if (has(identity, IDENTITY_SOURCE_REPOSITORY))
		return refuse_pair(IDENTITY_SOURCE_REPOSITORY, IDENTITY_SUBJECT,
		                   err);
	if (has(identity, IDENTITY_SOURCE_REF))
		return refuse_pair(IDENTITY_SOURCE_REF, IDENTITY_SUBJECT, err);
	if (workflow_server(identity->text[IDENTITY_ISSUER], server, err) < 0)
		return -1;
	if (check_repository(repository, strlen(repository), err) < 0)
		return err_wrap(err, "repository");
	if (has(identity, IDENTITY_WORKFLOW) &&
	    check_workflow(identity->text[IDENTITY_WORKFLOW], err) < 0)
		return err_wrap(err, "workflow");
	return 0;
}

static int check_with_subject(const struct settings_identity *identity,
                              struct err *err)
{
	if (has(identity, IDENTITY_WORKFLOW))
		return refuse_pair(IDENTITY_WORKFLOW, IDENTITY_REPOSITORY, err);
	if (has(identity, IDENTITY_REF))
		return refuse_pair(IDENTITY_REF, IDENTITY_REPOSITORY, err);
	return 0;
}

static int check_fields(const struct settings_identity *identity,
                        struct err *err)
{
	const char *issuer = identity->text[IDENTITY_ISSUER];

	if (issuer[0] == '\0')
		return err_set(err, ERR_USAGE, 0,
		               "it has no issuer, which says who vouches for "
		               "it");
	if (!pattern_is_exact(issuer, strlen(issuer)))
		return err_set(err, ERR_USAGE, 0,
		               "issuer: '%s' is a pattern; an issuer is exact",
		               issuer);
	if (has(identity, IDENTITY_SUBJECT) ==
	    has(identity, IDENTITY_REPOSITORY))
		return err_set(err, ERR_USAGE, 0,
		               "it needs either a subject or a repository");
	return has(identity, IDENTITY_SUBJECT)
	               ? check_with_subject(identity, err)
	               : check_with_repository(identity, err);
}

int settings_check_identity(const struct settings_identity *identity,
                            struct err *err)
{
	if (check_fields(identity, err) < 0)
		return err_wrap(err, "section [identity %s]", identity->name);
	return 0;
}
