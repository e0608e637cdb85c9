/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/oci_reference.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "codec/name.h"

#define SCHEME        "oci://"
#define DIGEST_PREFIX "sha256:"
#define PORT_MAX      65535
#define SHOWN_MAX     300 /* bytes of a bad reference that an error shows */

/* Where the pieces of a reference stand in it. */
struct pieces {
	const char *registry, *repository, *tag, *digest;
	size_t registry_len, repository_len, tag_len, digest_len;
};

static bool is_lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* --- the grammars ------------------------------------------------------- */

bool oci_is_tag(const char *text, size_t len)
{
	return name_is_version(text, len);
}

/* How many bytes at @text are one separator: ".", "_", "__" or any number of
 * "-". */
static size_t separator_len(const char *text, size_t len)
{
	size_t dashes = 0;

	while (dashes < len && text[dashes] == '-')
		dashes++;
	if (dashes > 0)
		return dashes;
	if (len >= 2 && text[0] == '_' && text[1] == '_')
		return 2;
	return len >= 1 && (text[0] == '.' || text[0] == '_') ? 1 : 0;
}

static bool is_component(const char *text, size_t len)
{
	size_t at = 0;

	while (at < len && is_lower_or_digit(text[at])) {
		while (at < len && is_lower_or_digit(text[at]))
			at++;
		if (at == len)
			return true;
		at += separator_len(text + at, len - at);
	}
	return false;
}

bool oci_is_repository(const char *text, size_t len)
{
	const char *end = text + len;

	for (;;) {
		const char *slash = memchr(text, '/', (size_t)(end - text));
		const char *stop = slash != NULL ? slash : end;

		if (!is_component(text, (size_t)(stop - text)))
			return false;
		if (slash == NULL)
			return true;
		text = slash + 1;
	}
}

static bool is_port(const char *text, size_t len)
{
	uint64_t port;
	struct err err;

	return text_u64(text, len, PORT_MAX, &port, &err) == 0 && port > 0;
}

/* A name or an IPv4 address: labels of letters, digits and inner dashes. */
static bool is_host_name(const char *text, size_t len)
{
	bool was_word = false;

	for (size_t i = 0; i < len; i++) {
		bool is_word = is_lower_or_digit(text[i]);

		if (!is_word && text[i] != '-' && text[i] != '.')
			return false;
		/* No empty label, and none that begins or ends with '-'. */
		if (!is_word && !was_word &&
		    !(text[i] == '-' && i > 0 && text[i - 1] == '-'))
			return false;
		was_word = is_word;
	}
	return was_word;
}

static bool is_ipv6(const char *text, size_t len)
{
	if (len < 4 || text[0] != '[' || text[len - 1] != ']')
		return false;
	return strspn(text + 1, "0123456789abcdef:.") == len - 2;
}

static bool is_registry(const char *text, size_t len)
{
	const char *bracket = memchr(text, ']', len);
	const char *from = bracket != NULL ? bracket : text;
	const char *colon = memchr(from, ':', len - (size_t)(from - text));
	size_t host_len = colon != NULL ? (size_t)(colon - text) : len;

	if (colon != NULL && !is_port(colon + 1, len - host_len - 1))
		return false;
	return is_ipv6(text, host_len) || is_host_name(text, host_len);
}

/* What docker takes for a registry rather than for a folder of docker.io. */
static bool looks_like_registry(const char *text, size_t len)
{
	return memchr(text, '.', len) != NULL ||
	       memchr(text, ':', len) != NULL ||
	       text_equal(text, len, "localhost");
}

/* --- digests ------------------------------------------------------------ */

bool oci_digest_parse(const char *text, size_t len, uint8_t out[OCI_DIGEST_LEN])
{
	size_t prefix = strlen(DIGEST_PREFIX);
	struct err err;

	return len > prefix && memcmp(text, DIGEST_PREFIX, prefix) == 0 &&
	       text_from_hex(text + prefix, len - prefix, out, OCI_DIGEST_LEN,
	                     &err) == 0;
}

void oci_digest_text(const uint8_t digest[OCI_DIGEST_LEN],
                     char out[OCI_DIGEST_SIZE])
{
	char hex[2 * OCI_DIGEST_LEN + 1];

	text_to_hex(digest, OCI_DIGEST_LEN, hex);
	(void)snprintf(out, OCI_DIGEST_SIZE, DIGEST_PREFIX "%s", hex);
}

/* --- references --------------------------------------------------------- */

static int refuse(const char *text, struct err *err, const char *why)
{
	return err_set(err, ERR_USAGE, 0,
	               "'%.*s' is no REGISTRY/REPOSITORY[:TAG|@DIGEST]: %s",
	               SHOWN_MAX, text, why);
}

/* The digest from the end, then the tag, then the first slash. */
static bool take_apart(const char *text, struct pieces *out)
{
	size_t len = strlen(text);
	const char *slash = strchr(text, '/');
	const char *at, *colon;

	*out = (struct pieces){ .registry = text };
	if (slash == NULL)
		return false;
	out->registry_len = (size_t)(slash - text);
	out->repository = slash + 1;
	at = strchr(out->repository, '@');
	if (at != NULL) {
		out->digest = at + 1;
		out->digest_len = len - (size_t)(at + 1 - text);
		len = (size_t)(at - text);
	}
	out->repository_len = len - (size_t)(out->repository - text);
	colon = memchr(out->repository, ':', out->repository_len);
	if (colon != NULL) {
		out->tag = colon + 1;
		out->tag_len = len - (size_t)(colon + 1 - text);
		out->repository_len = (size_t)(colon - out->repository);
	}
	return true;
}

static int check_pieces(const char *text, const struct pieces *pieces,
                        struct err *err)
{
	uint8_t digest[OCI_DIGEST_LEN];

	if (!looks_like_registry(pieces->registry, pieces->registry_len))
		return refuse(text, err,
		              "the registry comes first, as in "
		              "docker.io/acme/shop");
	if (!is_registry(pieces->registry, pieces->registry_len))
		return refuse(text, err, "that is no registry's name");
	if (!oci_is_repository(pieces->repository, pieces->repository_len))
		return refuse(
			text, err,
			"a repository has lower-case letters, digits, and "
			"single '.', '_', '-' or '/' between them");
	if (pieces->tag != NULL && !oci_is_tag(pieces->tag, pieces->tag_len))
		return refuse(text, err, "that is no tag");
	if (pieces->digest != NULL &&
	    !oci_digest_parse(pieces->digest, pieces->digest_len, digest))
		return refuse(
			text, err,
			"a digest is sha256: and 64 lower-case hex digits");
	return 0;
}

/* docker.io/nginx is registry-1.docker.io, library/nginx. */
static void fill_names(const struct pieces *pieces, struct oci_reference *out)
{
	bool is_docker = text_equal(pieces->registry, pieces->registry_len,
	                            OCI_DOCKER_REGISTRY);
	bool is_short =
		memchr(pieces->repository, '/', pieces->repository_len) == NULL;

	(void)snprintf(out->registry, sizeof out->registry, "%.*s",
	               (int)pieces->registry_len, pieces->registry);
	(void)snprintf(out->host, sizeof out->host, "%s",
	               is_docker ? OCI_DOCKER_HOST : out->registry);
	(void)snprintf(out->repository, sizeof out->repository, "%s%.*s",
	               is_docker && is_short ? "library/" : "",
	               (int)pieces->repository_len, pieces->repository);
}

bool oci_same_registry(const struct oci_reference *a,
                       const struct oci_reference *b)
{
	return strcmp(a->host, b->host) == 0;
}

int oci_reference_parse(const char *text, struct oci_reference *out,
                        struct err *err)
{
	bool has_scheme = strncmp(text, SCHEME, strlen(SCHEME)) == 0;
	struct oci_reference reference = { .has_digest = false };
	struct pieces pieces;

	if (!take_apart(text + (has_scheme ? strlen(SCHEME) : 0), &pieces))
		return refuse(text, err,
		              "the registry comes first, as in "
		              "docker.io/acme/shop");
	if (check_pieces(text, &pieces, err) < 0)
		return -1;
	/* "docker.io/" is longer than the "library/" that may come to it. */
	if (pieces.registry_len + 1 + pieces.repository_len > OCI_NAME_MAX)
		return refuse(text, err, "its name is too long");
	fill_names(&pieces, &reference);
	if (pieces.tag != NULL)
		(void)snprintf(reference.tag, sizeof reference.tag, "%.*s",
		               (int)pieces.tag_len, pieces.tag);
	if (pieces.digest != NULL)
		reference.has_digest = oci_digest_parse(
			pieces.digest, pieces.digest_len, reference.digest);
	*out = reference;
	return 0;
}
