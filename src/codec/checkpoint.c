/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/checkpoint.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/base64.h"
#include "codec/scan.h"

#define SIGNATURE_PREFIX "\xe2\x80\x94 " /* an em dash and a blank */

/* The next line, without its LF; every line has one. */
static int take_line(struct scan *rest, struct bytes *out, struct err *err)
{
	const char *lf = memchr(rest->at, '\n', rest->left);
	size_t len;

	if (lf == NULL)
		return err_set(err, ERR_FORMAT, 0,
		               rest->left > 0
		                       ? "the last line does not end in a line "
		                         "feed"
		                       : "a line is missing");
	len = (size_t)(lf - rest->at);
	if (!text_is_printable(rest->at, len))
		return err_set(err, ERR_FORMAT, 0,
		               "a line is not printable UTF-8");
	*out = (struct bytes){ (const uint8_t *)rest->at, len };
	rest->at += len + 1;
	rest->left -= len + 1;
	return 0;
}

static int read_origin(struct scan *rest, struct checkpoint *out,
                       struct err *err)
{
	if (take_line(rest, &out->origin, err) < 0)
		return -1;
	if (out->origin.len == 0)
		return err_set(err, ERR_FORMAT, 0, "the origin is empty");
	return 0;
}

static int read_size(struct scan *rest, struct checkpoint *out, struct err *err)
{
	struct bytes line;

	if (take_line(rest, &line, err) < 0 ||
	    text_u64((const char *)line.data, line.len, INT64_MAX,
	             &out->tree_size, err) < 0)
		return err_wrap(err, "size of the tree");
	return 0;
}

static int read_root_hash(struct scan *rest, struct checkpoint *out,
                          struct err *err)
{
	struct bytes line;

	if (take_line(rest, &line, err) < 0 ||
	    base64_decode_exact((const char *)line.data, line.len,
	                        out->root_hash, sizeof out->root_hash, err) < 0)
		return err_wrap(err, "root hash");
	return 0;
}

/* Lines of which only the signatures speak, up to the empty one. */
static int pass_extensions(struct scan *rest, struct err *err)
{
	struct bytes line;

	do {
		if (take_line(rest, &line, err) < 0)
			return -1;
	} while (line.len > 0);
	return 0;
}

/* --- signature lines ---------------------------------------------------- */

static int read_name(struct scan *line, struct bytes *out, struct err *err)
{
	size_t len;
	const char *name = scan_word(line, &len);

	if (len == 0 || memchr(name, '+', len) != NULL)
		return err_set(err, ERR_FORMAT, 0,
		               "the name of a key is empty or holds a plus");
	*out = (struct bytes){ (const uint8_t *)name, len };
	return 0;
}

/* @memory has room for what the whole note could decode to. */
static int read_signature(struct bytes text, uint8_t **memory,
                          struct checkpoint_signature *out, struct err *err)
{
	struct scan line = { (const char *)text.data, text.len };
	size_t len = 0;

	if (!scan_text(&line, SIGNATURE_PREFIX))
		return err_set(err, ERR_FORMAT, 0,
		               "it does not begin with a dash and a blank");
	if (read_name(&line, &out->name, err) < 0)
		return -1;
	if (!scan_text(&line, " "))
		return err_set(err, ERR_FORMAT, 0, "no signature in it");
	if (base64_decode(line.at, line.left, *memory, &len, err) < 0)
		return -1;
	if (len <= CHECKPOINT_KEY_ID_LEN)
		return err_set(err, ERR_FORMAT, 0,
		               "no signature behind the key id");
	memcpy(out->key_id, *memory, CHECKPOINT_KEY_ID_LEN);
	out->signature = (struct bytes){ *memory + CHECKPOINT_KEY_ID_LEN,
		                         len - CHECKPOINT_KEY_ID_LEN };
	*memory += len;
	return 0;
}

static int read_signatures(struct scan *rest, struct checkpoint *out,
                           struct err *err)
{
	uint8_t *memory = out->memory;
	struct bytes line;

	while (rest->left > 0) {
		if (out->signature_count == CHECKPOINT_SIGNATURES_MAX)
			return err_set(err, ERR_LIMIT, 0,
			               "more than %d signature lines",
			               CHECKPOINT_SIGNATURES_MAX);
		if (take_line(rest, &line, err) < 0 ||
		    read_signature(line, &memory,
		                   &out->signatures[out->signature_count],
		                   err) < 0)
			return err_wrap(err, "signature line %zu",
			                out->signature_count + 1);
		out->signature_count++;
	}
	if (out->signature_count == 0)
		return err_set(err, ERR_FORMAT, 0, "no signature line");
	return 0;
}

static int read_note(const char *text, size_t len, struct checkpoint *out,
                     struct err *err)
{
	struct scan rest = { text, len };

	if (read_origin(&rest, out, err) < 0 ||
	    read_size(&rest, out, err) < 0 ||
	    read_root_hash(&rest, out, err) < 0 ||
	    pass_extensions(&rest, err) < 0)
		return -1;
	out->signed_text = (struct bytes){ (const uint8_t *)text,
		                           (size_t)(rest.at - text) - 1 };
	return read_signatures(&rest, out, err);
}

int checkpoint_parse(const char *text, size_t len, struct checkpoint *out,
                     struct err *err)
{
	AUTO_CHECKPOINT struct checkpoint read = CHECKPOINT_NONE;

	if (len > CHECKPOINT_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "checkpoint of %zu bytes; at most %zu", len,
		               CHECKPOINT_MAX);
	read.memory = malloc(BASE64_DECODED_MAX(len) + 1);
	if (read.memory == NULL)
		return err_nomem(err);
	if (read_note(text, len, &read, err) < 0)
		return err_wrap(err, "reading a checkpoint");
	*out = read;
	read = CHECKPOINT_NONE;
	return 0;
}

void checkpoint_done(struct checkpoint *checkpoint)
{
	free(checkpoint->memory);
	*checkpoint = CHECKPOINT_NONE;
}
