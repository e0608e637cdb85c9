/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/receipt.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "codec/ini_write.h"
#include "codec/key_id.h"
#include "codec/record.h"
#include "codec/tar_header.h"
#include "codec/tree_path.h"

#define PLACE(in, member)                                                      \
	.section = in, .key = #member,                                         \
	.offset = offsetof(struct receipt, member)
#define TEXT(in, member, check)                                                \
	PLACE(in, member), .type = RECORD_TEXT,                                \
			   .size = sizeof((struct receipt *)NULL)->member,     \
			   .is_legal = check
#define MAY_MISS         .need = RECORD_OPTIONAL

#define EVIDENCE_SECTION "evidence"

static bool is_digest(const char *text, size_t len)
{
	uint8_t digest[DIGEST_LEN];
	struct err why;

	return text_from_hex(text, len, digest, sizeof digest, &why) == 0;
}

static const struct record_field fields[] = {
	{ .section = "", .key = "format", .type = RECORD_FORMAT },
	{ TEXT("release", app, name_is_app) },
	{ TEXT("release", version, name_is_version) },
	{ PLACE("release", sequence), .type = RECORD_NUMBER,
	  .max = SEQUENCE_MAX },
	{ PLACE("release", created), .type = RECORD_TIME,
	  .max = TAR_OCTAL_MAX },
	{ TEXT("release", platform, name_is_platform), MAY_MISS },
	{ PLACE("release", release_sha256), .type = RECORD_DIGEST },
	{ TEXT("release", profile, tree_path_is_legal), MAY_MISS },
	{ PLACE("install", installed), .type = RECORD_TIME, .max = CLOCK_MAX },
	{ TEXT("install", source, NULL), MAY_MISS },
	{ TEXT("install", lockfile, is_digest), MAY_MISS },
	{ TEXT("install", by, NULL), MAY_MISS },
};

static const struct record_table table = { fields,
	                                   sizeof fields / sizeof fields[0] };

/* --- signers --- */

/* "NAME", or "NAME KEY" with the 64 hex digits of the public key. */
static int take_minisign(struct signer *signer, const struct ini_item *item,
                         struct err *err)
{
	const char *blank = strchr(item->value, ' ');
	size_t len = blank != NULL ? (size_t)(blank - item->value)
	                           : strlen(item->value);

	signer->kind = SIGNER_MINISIGN;
	if (key_id_parse(item->key, strlen(item->key), &signer->id, err) < 0)
		return -1;
	if (blank != NULL) {
		signer->has_key = true;
		if (text_from_hex(blank + 1, strlen(blank + 1), signer->key,
		                  sizeof signer->key, err) < 0)
			return -1;
	}
	return text_copy(signer->name, sizeof signer->name, item->value, len,
	                 err);
}

static int take_cosign(struct signer *signer, const struct ini_item *item,
                       struct err *err)
{
	signer->kind = SIGNER_COSIGN;
	signer->has_key = true;
	if (text_from_hex(item->key, strlen(item->key), signer->key,
	                  sizeof signer->key, err) < 0)
		return -1;
	return text_copy(signer->name, sizeof signer->name, item->value,
	                 strlen(item->value), err);
}

static int take_identity(struct signer *signer, const struct ini_item *item,
                         struct err *err)
{
	signer->kind = SIGNER_IDENTITY;
	if (text_copy(signer->name, sizeof signer->name, item->key,
	              strlen(item->key), err) < 0)
		return -1;
	return text_copy(signer->subject, sizeof signer->subject, item->value,
	                 strlen(item->value), err);
}

static int write_minisign(const struct signer *signer, struct buf *out,
                          struct err *err)
{
	char id[KEY_ID_TEXT];
	char key[2 * SIGNER_KEY_LEN + 1];
	char value[KEY_NAME_SIZE + sizeof key + 1];

	key_id_text(signer->id, id);
	text_to_hex(signer->key, sizeof signer->key, key);
	(void)snprintf(value, sizeof value, "%s%s%s", signer->name,
	               signer->has_key ? " " : "", signer->has_key ? key : "");
	return ini_write_item(out, id, value, err);
}

static int write_cosign(const struct signer *signer, struct buf *out,
                        struct err *err)
{
	char key[2 * SIGNER_KEY_LEN + 1];

	text_to_hex(signer->key, sizeof signer->key, key);
	return ini_write_item(out, key, signer->name, err);
}

static int write_identity(const struct signer *signer, struct buf *out,
                          struct err *err)
{
	return ini_write_item(out, signer->name, signer->subject, err);
}

/* In the order of the text. */
static const struct signer_section {
	const char *name;
	int (*take)(struct signer *signer, const struct ini_item *item,
	            struct err *err);
	int (*write)(const struct signer *signer, struct buf *out,
	             struct err *err);
} signer_sections[] = {
	[SIGNER_MINISIGN] = { "signers", take_minisign, write_minisign },
	[SIGNER_COSIGN] = { "cosign_signers", take_cosign, write_cosign },
	[SIGNER_IDENTITY] = { "identities", take_identity, write_identity },
};

#define SIGNER_SECTIONS (sizeof signer_sections / sizeof signer_sections[0])

static int take_signer(struct receipt *out,
                       const struct signer_section *section,
                       const struct ini_item *item, struct err *err)
{
	struct signer *signer = &out->signers[out->signer_count];

	if (out->signer_count == SIGNERS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d signers",
		               SIGNERS_MAX);
	if (section->take(signer, item, err) < 0)
		return -1;
	out->signer_count++;
	return 0;
}

static int check_signers(const struct receipt *in, struct err *err)
{
	if (in->signer_count == 0 || in->signer_count > SIGNERS_MAX)
		return err_set(err, ERR_USAGE, 0, "not 1 to %d signers",
		               SIGNERS_MAX);
	for (size_t i = 0; i < in->signer_count; i++) {
		const struct signer *signer = &in->signers[i];

		if (!name_is_key(signer->name, strlen(signer->name)))
			return err_set(err, ERR_USAGE, 0,
			               "not the name of a key: '%s'",
			               signer->name);
		if (i > 0 && signer_compare(signer - 1, signer) >= 0)
			return err_set(err, ERR_USAGE, 0,
			               "the signers do not ascend");
	}
	return 0;
}

static int write_signers(const struct receipt *in, struct buf *out,
                         struct err *err)
{
	if (check_signers(in, err) < 0)
		return -1;
	for (size_t i = 0; i < in->signer_count; i++) {
		const struct signer *signer = &in->signers[i];
		const struct signer_section *section =
			&signer_sections[signer->kind];

		if ((i == 0 || signer[-1].kind != signer->kind) &&
		    ini_write_section(out, section->name, err) < 0)
			return -1;
		if (section->write(signer, out, err) < 0)
			return -1;
	}
	return 0;
}

/* --- evidence --- */

/* "TIME" or "-", and " log INDEX" where there is one. */
static int take_evidence(struct receipt *out, const struct ini_item *item,
                         struct err *err)
{
	struct receipt_evidence *evidence = &out->evidence[out->evidence_count];
	const char *at = item->value;
	size_t len;
	const char *word = text_word(&at, &len);

	if (out->evidence_count == VERDICTS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d pieces",
		               VERDICTS_MAX);
	evidence->has_time = !text_equal(word, len, "-");
	if (evidence->has_time &&
	    clock_parse(word, len, &evidence->time, err) < 0)
		return -1;
	word = text_word(&at, &len);
	evidence->has_log = word != NULL;
	if (word != NULL && (word = text_word(&at, &len)) == NULL)
		return err_set(err, ERR_FORMAT, 0, "no log index");
	if (word != NULL &&
	    text_u64(word, len, INT64_MAX, &evidence->log_index, err) < 0)
		return -1;
	out->evidence_count++; /* what else it says is not written again */
	return text_copy(evidence->name, sizeof evidence->name, item->key,
	                 strlen(item->key), err);
}

static int write_piece(const struct receipt_evidence *evidence, struct buf *out,
                       struct err *err)
{
	char time[CLOCK_TEXT_SIZE] = "-";
	char value[64];

	if (!name_is_key(evidence->name, strlen(evidence->name)))
		return err_set(err, ERR_USAGE, 0, "'%s' is no evidence",
		               evidence->name);
	if (evidence->has_time)
		clock_format(evidence->time, time);
	(void)snprintf(value, sizeof value, "%s", time);
	if (evidence->has_log)
		(void)snprintf(value, sizeof value, "%s log %" PRIu64, time,
		               evidence->log_index);
	return ini_write_item(out, evidence->name, value, err);
}

static int write_evidence(const struct receipt *in, struct buf *out,
                          struct err *err)
{
	if (in->evidence_count > VERDICTS_MAX)
		return err_set(err, ERR_USAGE, 0, "more than %d pieces",
		               VERDICTS_MAX);
	if (in->evidence_count > 0 &&
	    ini_write_section(out, EVIDENCE_SECTION, err) < 0)
		return -1;
	for (size_t i = 0; i < in->evidence_count; i++)
		if (write_piece(&in->evidence[i], out, err) < 0)
			return -1;
	return 0;
}

/* --- all of it --- */

static int take(void *context, const struct ini_item *item, struct err *err)
{
	for (size_t i = 0; i < SIGNER_SECTIONS; i++)
		if (strcmp(item->section, signer_sections[i].name) == 0)
			return take_signer(context, &signer_sections[i], item,
			                   err);
	if (strcmp(item->section, EVIDENCE_SECTION) == 0)
		return take_evidence(context, item, err);
	return record_take(&table, context, item, err);
}

int receipt_write(const struct receipt *in, struct buf *out, struct err *err)
{
	size_t before = out->len;

	if (record_write(&table, in, out, err) < 0 ||
	    write_signers(in, out, err) < 0 ||
	    write_evidence(in, out, err) < 0) {
		buf_cut(out, before);
		return -1;
	}
	return 0;
}

static int write_record(const void *record, struct buf *out, struct err *err)
{
	return receipt_write(record, out, err);
}

int receipt_parse(const char *text, size_t len, struct receipt *out,
                  struct err *err)
{
	AUTO_FREE struct receipt *parsed = calloc(1, sizeof *parsed);

	if (parsed == NULL)
		return err_nomem(err);
	if (len > RECEIPT_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "receipt larger than %zu bytes", RECEIPT_MAX);
	if (ini_read(text, len, INI_CANONICAL, take, parsed, err) < 0 ||
	    record_prove(text, len, parsed, write_record, err) < 0)
		return err_wrap(err, "receipt");
	*out = *parsed;
	return 0;
}

void receipt_set_source(struct receipt *receipt, const char *text)
{
	ini_plain_value(text, receipt->source, sizeof receipt->source);
}
