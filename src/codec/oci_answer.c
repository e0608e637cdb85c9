/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/oci_answer.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "codec/json_read.h"

#define ERRORS_MAX 64

/* --- tokens ------------------------------------------------------------- */

/* It goes into a header: nothing may end the line, or the value. */
static bool is_visible(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

static int read_token(const struct json_node *top, struct oci_token *out,
                      struct err *err)
{
	struct json_node token = json_member(top, "token");
	struct json_node access = json_member(top, "access_token");
	const struct json_node *used =
		json_is_present(&token) ? &token : &access;
	const char *text = "";

	if (json_require_text(used, &text, err) < 0)
		return -1;
	if (strlen(text) >= sizeof out->text)
		return json_refuse(used, ERR_LIMIT, err,
		                   "%zu bytes; at most %zu", strlen(text),
		                   sizeof out->text - 1);
	if (!is_visible(text))
		return json_refuse(used, ERR_FORMAT, err,
		                   "a token that no header can hold");
	memcpy(out->text, text, strlen(text) + 1);
	return 0;
}

static int read_life(const struct json_node *top, uint64_t *out,
                     struct err *err)
{
	struct json_node node = json_member(top, "expires_in");
	uint64_t life = 0;

	if (json_get_u64(&node, UINT64_MAX, &life, err) < 0)
		return -1;
	if (life == 0)
		life = OCI_TOKEN_LIFE;
	*out = life < OCI_TOKEN_LIFE_MAX ? life : OCI_TOKEN_LIFE_MAX;
	return 0;
}

int oci_token_parse(const char *text, size_t len, struct oci_token *out,
                    struct err *err)
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	struct json_node top;
	uint64_t life;

	if (json_read(text, len, OCI_TOKEN_ANSWER_MAX, &document, err) < 0)
		return err_wrap(err, "reading the token server's answer");
	top = json_top(&document);
	if (json_require_object(&top, NULL, err) < 0 ||
	    read_life(&top, &life, err) < 0 || read_token(&top, out, err) < 0)
		return err_wrap(err, "reading the token server's answer");
	out->life = life;
	return 0;
}

/* --- errors ------------------------------------------------------------- */

/* ASCII is enough to understand them, and can be cut anywhere. */
static void show(const char *code, const char *message,
                 char out[OCI_ERROR_TEXT_SIZE])
{
	(void)snprintf(out, OCI_ERROR_TEXT_SIZE, "%s%s%s", code,
	               code[0] != '\0' && message[0] != '\0' ? ": " : "",
	               message);
	for (char *at = out; *at != '\0'; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
}

void oci_error_text(const char *text, size_t len, char out[OCI_ERROR_TEXT_SIZE])
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	struct json_node top, list, first, code, message;
	const char *code_text = "", *message_text = "";
	size_t count = 0;
	struct err err; /* what is no such answer has no text */

	out[0] = '\0';
	if (json_read(text, len, OCI_ERROR_ANSWER_MAX, &document, &err) < 0)
		return;
	top = json_top(&document);
	list = json_member(&top, "errors");
	if (json_get_list(&list, ERRORS_MAX, &count, &err) < 0)
		return;
	first = json_element(&list, 0);
	code = json_member(&first, "code");
	message = json_member(&first, "message");
	if (json_get_text(&code, &code_text, &err) == 0 &&
	    json_get_text(&message, &message_text, &err) == 0)
		show(code_text, message_text, out);
}
