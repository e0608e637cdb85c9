/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/signer.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "codec/ini_write.h"
#include "codec/minisign.h"

static int compare_same_kind(const struct signer *a, const struct signer *b)
{
	switch (a->kind) {
	case SIGNER_MINISIGN:
		return (a->id > b->id) - (a->id < b->id);
	case SIGNER_COSIGN:
		return memcmp(a->key, b->key, sizeof a->key);
	case SIGNER_IDENTITY:
		return strcmp(a->name, b->name);
	}
	return 0;
}

int signer_compare(const struct signer *a, const struct signer *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return compare_same_kind(a, b);
}

static void learn_key(struct signer *known, const struct signer *signer)
{
	if (known->has_key || !signer->has_key)
		return;
	known->has_key = true;
	memcpy(known->key, signer->key, sizeof known->key);
}

bool signers_add(struct signer *list, size_t *count, size_t max,
                 const struct signer *signer)
{
	size_t at = 0;

	while (at < *count && signer_compare(&list[at], signer) < 0)
		at++;
	if (at < *count && signer_compare(&list[at], signer) == 0) {
		learn_key(&list[at], signer);
		return true;
	}
	if (*count == max)
		return false;
	memmove(&list[at + 1], &list[at], (*count - at) * sizeof *list);
	list[at] = *signer;
	++*count;
	return true;
}

void signer_set_subject(struct signer *signer, const char *text)
{
	/* "" is no value of a line. */
	ini_plain_value(text[0] != '\0' ? text : "?", signer->subject,
	                sizeof signer->subject);
}

void signer_text(const struct signer *signer, char out[SIGNER_TEXT_SIZE])
{
	char hex[2 * SIGNER_KEY_LEN + 1];
	char id[MINISIGN_ID_TEXT];

	switch (signer->kind) {
	case SIGNER_MINISIGN:
		minisign_id_text(signer->id, id);
		(void)snprintf(out, SIGNER_TEXT_SIZE, "%s", id);
		return;
	case SIGNER_COSIGN:
		text_to_hex(signer->key, sizeof signer->key, hex);
		(void)snprintf(out, SIGNER_TEXT_SIZE, "cosign:%s", hex);
		return;
	case SIGNER_IDENTITY:
		(void)snprintf(out, SIGNER_TEXT_SIZE, "identity:%s",
		               signer->name);
		return;
	}
}
