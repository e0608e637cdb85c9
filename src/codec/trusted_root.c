/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/trusted_root.h"

#include <stdlib.h>
#include <string.h>

#include "codec/rfc3339.h"
#include "codec/scan.h"

static int check_media_type(const struct json_node *top, struct err *err)
{
	static const char *const types[] = {
		"application/vnd.dev.sigstore.trustedroot+json;version=0.1",
		"application/vnd.dev.sigstore.trustedroot.v0.1+json",
		"application/vnd.dev.sigstore.trustedroot.v0.2+json",
	};
	struct json_node node = json_member(top, "mediaType");
	const char *name = "";

	if (json_require_text(&node, &name, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcmp(name, types[i]) == 0)
			return 0;
	return json_refuse(&node, ERR_FORMAT, err,
	                   "'%.80s' is no Sigstore trusted root of version 0.1 "
	                   "or 0.2",
	                   name);
}

static int read_text(const struct json_node *object, const char *key,
                     const char **out, struct err *err)
{
	struct json_node node = json_member(object, key);

	return json_get_text(&node, out, err);
}

/* --- windows ------------------------------------------------------------ */

static int read_time(const struct json_node *node, struct instant *out,
                     struct err *err)
{
	const char *text = "";

	if (json_require_text(node, &text, err) < 0)
		return -1;
	if (rfc3339_parse(text, strlen(text), out, err) < 0)
		return json_refuse(node, ERR_FORMAT, err,
		                   "'%.40s' is not a time like "
		                   "2026-01-02T03:04:05.678Z",
		                   text);
	return 0;
}

/* Without a start nothing would say since when; an end may be open. */
static int read_window(const struct json_node *node, struct period *out,
                       struct err *err)
{
	static const char *const known[] = { "start", "end", NULL };
	struct json_node start = json_member(node, "start");
	struct json_node end = json_member(node, "end");
	struct period read = PERIOD_ALWAYS;

	if (json_require_object(node, known, err) < 0 ||
	    read_time(&start, &read.from, err) < 0)
		return -1;
	if (json_is_present(&end) && read_time(&end, &read.to, err) < 0)
		return -1;
	if (instant_compare(read.to, read.from) < 0)
		return json_refuse(node, ERR_FORMAT, err,
		                   "ends before it starts");
	*out = read;
	return 0;
}

/* --- logs --------------------------------------------------------------- */

static int read_log_key(struct json_document *document,
                        const struct json_node *node, struct trusted_log *out,
                        struct err *err)
{
	static const char *const known[] = { "rawBytes", "keyDetails",
		                             "validFor", NULL };
	struct json_node raw = json_member(node, "rawBytes");
	struct json_node window = json_member(node, "validFor");

	if (json_require_object(node, known, err) < 0 ||
	    json_require_bytes(document, &raw, &out->key, err) < 0 ||
	    read_text(node, "keyDetails", &out->key_details, err) < 0)
		return -1;
	return read_window(&window, &out->valid, err);
}

enum presence { MUST_BE_THERE, MAY_BE_ABSENT };

/* A message LogId. */
static int read_log_id(struct json_document *document,
                       const struct json_node *node, enum presence presence,
                       struct bytes *out, struct err *err)
{
	static const char *const known[] = { "keyId", NULL };
	struct json_node key_id = json_member(node, "keyId");

	if (presence == MAY_BE_ABSENT && !json_is_present(node))
		return 0;
	if (json_require_object(node, known, err) < 0)
		return -1;
	return json_require_bytes(document, &key_id, out, err);
}

static int read_log(struct json_document *document,
                    const struct json_node *node, struct trusted_log *out,
                    struct err *err)
{
	static const char *const known[] = {
		"baseUrl",         "hashAlgorithm", "publicKey", "logId",
		"checkpointKeyId", "operator",      NULL,
	};
	struct json_node key = json_member(node, "publicKey");
	struct json_node id = json_member(node, "logId");
	struct json_node checkpoint_id = json_member(node, "checkpointKeyId");
	const char *operated_by = "";

	if (json_require_object(node, known, err) < 0 ||
	    read_text(node, "baseUrl", &out->base_url, err) < 0 ||
	    read_text(node, "hashAlgorithm", &out->hash_algorithm, err) < 0 ||
	    read_text(node, "operator", &operated_by, err) < 0 ||
	    read_log_key(document, &key, out, err) < 0 ||
	    read_log_id(document, &id, MUST_BE_THERE, &out->id, err) < 0)
		return -1;
	return read_log_id(document, &checkpoint_id, MAY_BE_ABSENT,
	                   &out->checkpoint_id, err);
}

static int read_logs(struct json_document *document,
                     const struct json_node *list,
                     struct trusted_log out[TRUSTED_LOGS_MAX], size_t *count,
                     struct err *err)
{
	if (json_get_list(list, TRUSTED_LOGS_MAX, count, err) < 0)
		return -1;
	for (size_t i = 0; i < *count; i++) {
		struct json_node node = json_element(list, i);

		if (read_log(document, &node, &out[i], err) < 0)
			return -1;
	}
	return 0;
}

/* --- authorities -------------------------------------------------------- */

static int read_subject(const struct json_node *node,
                        struct trusted_authority *out, struct err *err)
{
	static const char *const known[] = { "organization", "commonName",
		                             NULL };

	if (json_is_present(node) && json_require_object(node, known, err) < 0)
		return -1;
	if (read_text(node, "organization", &out->organization, err) < 0)
		return -1;
	return read_text(node, "commonName", &out->common_name, err);
}

static int read_certificates(struct json_document *document,
                             const struct json_node *chain,
                             struct trusted_authority *out, struct err *err)
{
	static const char *const chain_known[] = { "certificates", NULL };
	static const char *const known[] = { "rawBytes", NULL };
	struct json_node list = json_member(chain, "certificates");

	if (json_require_object(chain, chain_known, err) < 0 ||
	    json_get_list(&list, TRUSTED_CERTIFICATES_MAX,
	                  &out->certificate_count, err) < 0)
		return -1;
	if (out->certificate_count == 0)
		return json_refuse(&list, ERR_FORMAT, err, "no certificate");
	for (size_t i = 0; i < out->certificate_count; i++) {
		struct json_node node = json_element(&list, i);
		struct json_node raw = json_member(&node, "rawBytes");

		if (json_require_object(&node, known, err) < 0 ||
		    json_require_bytes(document, &raw, &out->certificates[i],
		                       err) < 0)
			return -1;
	}
	return 0;
}

static int read_authority(struct json_document *document,
                          const struct json_node *node,
                          struct trusted_authority *out, struct err *err)
{
	static const char *const known[] = { "subject",   "uri",
		                             "certChain", "validFor",
		                             "operator",  NULL };
	struct json_node subject = json_member(node, "subject");
	struct json_node chain = json_member(node, "certChain");
	struct json_node window = json_member(node, "validFor");
	const char *operated_by = "";

	if (json_require_object(node, known, err) < 0 ||
	    read_subject(&subject, out, err) < 0 ||
	    read_text(node, "uri", &out->uri, err) < 0 ||
	    read_text(node, "operator", &operated_by, err) < 0 ||
	    read_certificates(document, &chain, out, err) < 0)
		return -1;
	return read_window(&window, &out->valid, err);
}

static int read_authorities(struct json_document *document,
                            const struct json_node *list,
                            struct trusted_authority *out, size_t *count,
                            struct err *err)
{
	if (json_get_list(list, TRUSTED_AUTHORITIES_MAX, count, err) < 0)
		return -1;
	for (size_t i = 0; i < *count; i++) {
		struct json_node node = json_element(list, i);

		if (read_authority(document, &node, &out[i], err) < 0)
			return -1;
	}
	return 0;
}

/* --- roots -------------------------------------------------------------- */

static int read_lists(struct trusted_root *root, const struct json_node *top,
                      struct err *err)
{
	struct json_document *document = &root->document;
	struct json_node logs = json_member(top, "tlogs");
	struct json_node ct_logs = json_member(top, "ctlogs");
	struct json_node authorities =
		json_member(top, "certificateAuthorities");
	struct json_node timestampers =
		json_member(top, "timestampAuthorities");

	if (read_logs(document, &logs, root->logs, &root->log_count, err) < 0 ||
	    read_logs(document, &ct_logs, root->ct_logs, &root->ct_log_count,
	              err) < 0 ||
	    read_authorities(document, &authorities, root->authorities,
	                     &root->authority_count, err) < 0)
		return -1;
	return read_authorities(document, &timestampers, root->timestampers,
	                        &root->timestamper_count, err);
}

/* Into memory of the list that is all 0; what is left there after -1 the
 * list's owner releases. */
static int read_root(const char *text, size_t len, struct trusted_root *root,
                     struct err *err)
{
	static const char *const known[] = {
		"mediaType",
		"tlogs",
		"certificateAuthorities",
		"ctlogs",
		"timestampAuthorities",
		NULL,
	};
	struct json_node top;

	if (json_read(text, len, TRUSTED_ROOT_FILE_MAX, &root->document, err) <
	    0)
		return -1;
	top = json_top(&root->document);
	if (json_require_object(&top, known, err) < 0 ||
	    check_media_type(&top, err) < 0 || read_lists(root, &top, err) < 0)
		return -1;
	if (root->log_count + root->ct_log_count + root->authority_count +
	            root->timestamper_count ==
	    0)
		return json_refuse(&top, ERR_FORMAT, err,
		                   "no log and no authority in it");
	return 0;
}

static void skip_blanks(struct scan *rest)
{
	while (rest->left > 0 && strchr(" \t\r\n", *rest->at) != NULL &&
	       *rest->at != '\0') {
		rest->at++;
		rest->left--;
	}
}

static int read_roots(struct scan *rest, struct trusted_roots *out,
                      struct err *err)
{
	for (skip_blanks(rest); rest->left > 0; skip_blanks(rest)) {
		size_t len = json_extent(rest->at, rest->left);

		if (out->count == TRUSTED_ROOTS_MAX)
			return err_set(err, ERR_LIMIT, 0,
			               "more than %d trusted roots",
			               TRUSTED_ROOTS_MAX);
		out->count++;
		if (read_root(rest->at, len, &out->roots[out->count - 1], err) <
		    0)
			return err_wrap(err, "trusted root %zu", out->count);
		rest->at += len;
		rest->left -= len;
	}
	if (out->count == 0)
		return err_set(err, ERR_FORMAT, 0, "no trusted root in it");
	return 0;
}

int trusted_roots_parse(const char *text, size_t len, struct trusted_roots *out,
                        struct err *err)
{
	AUTO_TRUSTED_ROOTS struct trusted_roots read = TRUSTED_ROOTS_NONE;
	struct scan rest = { text, len };

	if (len > TRUSTED_ROOT_FILE_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "trusted root of %zu bytes; at most %zu", len,
		               TRUSTED_ROOT_FILE_MAX);
	read.roots = calloc(TRUSTED_ROOTS_MAX, sizeof *read.roots);
	if (read.roots == NULL)
		return err_nomem(err);
	if (read_roots(&rest, &read, err) < 0)
		return -1;
	*out = read;
	read = TRUSTED_ROOTS_NONE;
	return 0;
}

void trusted_roots_done(struct trusted_roots *roots)
{
	for (size_t i = 0; i < roots->count; i++)
		json_document_done(&roots->roots[i].document);
	free(roots->roots);
	*roots = TRUSTED_ROOTS_NONE;
}
