/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/receipt.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

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
#define MAY_MISS .need = RECORD_OPTIONAL

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
	{ TEXT("install", by, NULL), MAY_MISS },
};

static const struct record_table table = { fields,
	                                   sizeof fields / sizeof fields[0] };

static int take_signer(struct receipt *out, const struct ini_item *item,
                       struct err *err)
{
	struct receipt_signer *signer = &out->signers[out->signer_count];

	if (out->signer_count == RECEIPT_SIGNERS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d signers",
		               RECEIPT_SIGNERS_MAX);
	if (key_id_parse(item->key, strlen(item->key), &signer->id, err) < 0 ||
	    text_copy(signer->key, sizeof signer->key, item->value,
	              strlen(item->value), err) < 0)
		return -1;
	out->signer_count++;
	return 0;
}

static int take(void *context, const struct ini_item *item, struct err *err)
{
	if (strcmp(item->section, "signers") == 0)
		return take_signer(context, item, err);
	return record_take(&table, context, item, err);
}

static int check_signers(const struct receipt *in, struct err *err)
{
	if (in->signer_count == 0 || in->signer_count > RECEIPT_SIGNERS_MAX)
		return err_set(err, ERR_USAGE, 0, "not 1 to %d signers",
		               RECEIPT_SIGNERS_MAX);
	for (size_t i = 0; i < in->signer_count; i++) {
		const char *key = in->signers[i].key;

		if (!name_is_key(key, strlen(key)))
			return err_set(err, ERR_USAGE, 0,
			               "not the name of a key: '%s'", key);
		if (i > 0 && in->signers[i - 1].id >= in->signers[i].id)
			return err_set(err, ERR_USAGE, 0,
			               "the signers do not ascend");
	}
	return 0;
}

static int write_signers(const struct receipt *in, struct buf *out,
                         struct err *err)
{
	if (check_signers(in, err) < 0 ||
	    ini_write_section(out, "signers", err) < 0)
		return -1;
	for (size_t i = 0; i < in->signer_count; i++) {
		char id[KEY_ID_TEXT];

		key_id_text(in->signers[i].id, id);
		if (ini_write_item(out, id, in->signers[i].key, err) < 0)
			return -1;
	}
	return 0;
}

int receipt_write(const struct receipt *in, struct buf *out, struct err *err)
{
	size_t before = out->len;

	if (record_write(&table, in, out, err) < 0 ||
	    write_signers(in, out, err) < 0) {
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
	struct receipt parsed = { 0 };

	if (len > RECEIPT_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "receipt larger than %zu bytes", RECEIPT_MAX);
	if (ini_read(text, len, INI_CANONICAL, take, &parsed, err) < 0 ||
	    record_prove(text, len, &parsed, write_record, err) < 0)
		return err_wrap(err, "receipt");
	*out = parsed;
	return 0;
}

/* The bytes of the next character where source may hold it, else 0. */
static size_t plain_character(const char *text, size_t left)
{
	uint32_t point = 0;
	size_t n = text_utf8(text, left, &point);

	return n > 0 && point != ';' && text_is_printable(text, n) ? n : 0;
}

static bool is_blank_at_end(const char *at, const char *start)
{
	return *at == ' ' && (at == start || at[1] == '\0');
}

void receipt_set_source(struct receipt *receipt, const char *text)
{
	const char *at = text;
	size_t left = strlen(text);
	size_t len = 0;

	while (left > 0) {
		size_t n = plain_character(at, left);
		bool is_plain = n > 0 && !is_blank_at_end(at, text);

		n = n > 0 ? n : 1;
		if (len + n >= sizeof receipt->source)
			break;
		memcpy(receipt->source + len, is_plain ? at : "?",
		       is_plain ? n : 1);
		len += is_plain ? n : 1;
		at += n;
		left -= n;
	}
	while (len > 0 && receipt->source[len - 1] == ' ')
		len--; /* a cut behind a blank */
	receipt->source[len] = '\0';
}

int receipt_add_signer(struct receipt *receipt, uint64_t id, const char *key,
                       struct err *err)
{
	struct receipt_signer signer = { .id = id };
	size_t at = 0;

	if (receipt->signer_count == RECEIPT_SIGNERS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d signers",
		               RECEIPT_SIGNERS_MAX);
	if (text_copy(signer.key, sizeof signer.key, key, strlen(key), err) < 0)
		return -1;
	while (at < receipt->signer_count && receipt->signers[at].id < id)
		at++;
	if (at < receipt->signer_count && receipt->signers[at].id == id)
		return err_set(err, ERR_CONFLICT, 0,
		               "signer %016" PRIx64 " stands twice", id);
	memmove(&receipt->signers[at + 1], &receipt->signers[at],
	        (receipt->signer_count - at) * sizeof signer);
	receipt->signers[at] = signer;
	receipt->signer_count++;
	return 0;
}
