/* SPDX-License-Identifier: Apache-2.0 */
#include "sigstore/trust.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define EVIDENCE_ALL (SIGSTORE_LOG | SIGSTORE_TIMESTAMP | SIGSTORE_SCT)
#define PKCS1        "PKCS1_RSA_PKCS1V5"

unsigned sigstore_default_evidence(const struct trusted_root *root)
{
	bool has_logs = root->log_count > 0 || root->ct_log_count > 0;

	if (!has_logs && root->timestamper_count > 0)
		return SIGSTORE_GITHUB;
	return SIGSTORE_PUBLIC;
}

/* --- logs ------------------------------------------------------------------
 */

/* The length of "HOST:PORT" without its port. */
static size_t host_len(const char *host_port, size_t len)
{
	size_t at = len;

	while (at > 0 && isdigit((unsigned char)host_port[at - 1]))
		at--;
	return at > 0 && host_port[at - 1] == ':' ? at - 1 : len;
}

/* Take the host out of "https://HOST:PORT/path"; the scheme may be missing. */
static int name_log(const char *url, struct sigstore_log *log, struct err *err)
{
	const char *scheme = strstr(url, "://");
	const char *start = scheme != NULL ? scheme + 3 : url;
	size_t len = strcspn(start, "/?#");

	if (text_copy(log->host_port, sizeof log->host_port, start, len, err) <
	    0)
		return -1;
	return text_copy(log->host, sizeof log->host, start,
	                 host_len(start, len), err);
}

static int read_log(const struct trusted_log *in, struct sigstore_log *out,
                    struct err *err)
{
	out->period = in->valid;
	if (in->id.len != sizeof out->id)
		return err_set(err, ERR_FORMAT, 0, "logId is not of 32 bytes");
	memcpy(out->id, in->id.data, sizeof out->id);
	if (name_log(in->base_url, out, err) < 0)
		return -1;
	if (strcmp(in->key_details, PKCS1) == 0)
		return public_key_from_pkcs1(in->key, &out->key, err);
	return public_key_from_spki(in->key, &out->key, err);
}

/* A log that can't be used is left out: nothing will verify by it. */
static int add_log(const struct trusted_log *in, struct sigstore_log *logs,
                   size_t *count, struct err *err)
{
	struct sigstore_log made = { .key = PUBLIC_KEY_NONE };

	if (read_log(in, &made, err) == 0)
		logs[(*count)++] = made;
	else if (err->code == ERR_SYSTEM)
		return -1;
	return 0;
}

static int add_logs(const struct trusted_root *root,
                    struct sigstore_trust *trust, struct err *err)
{
	for (size_t i = 0; i < root->log_count; i++)
		if (add_log(&root->logs[i], trust->logs, &trust->log_count,
		            err) < 0)
			return -1;
	for (size_t i = 0; i < root->ct_log_count; i++)
		if (add_log(&root->ct_logs[i], trust->ct_logs,
		            &trust->ct_log_count, err) < 0)
			return -1;
	return 0;
}

/* --- authorities
 * ----------------------------------------------------------- */

static int read_chain(const struct trusted_authority *in,
                      struct certificate_chain *out, struct err *err)
{
	for (size_t i = 0; i < in->certificate_count; i++)
		if (certificate_chain_add(out, in->certificates[i], err) < 0)
			return -1;
	return 0;
}

static int add_authority(const struct trusted_authority *in,
                         struct sigstore_authority *authorities, size_t *count,
                         struct err *err)
{
	struct sigstore_authority made = { .chain = CERTIFICATE_CHAIN_NONE,
		                           .period = in->valid };

	if (read_chain(in, &made.chain, err) == 0) {
		authorities[(*count)++] = made;
		return 0;
	}
	certificate_chain_done(&made.chain);
	return err->code == ERR_SYSTEM ? -1 : 0;
}

static int add_authorities(const struct trusted_root *root,
                           struct sigstore_trust *trust, struct err *err)
{
	for (size_t i = 0; i < root->authority_count; i++)
		if (add_authority(&root->authorities[i], trust->authorities,
		                  &trust->authority_count, err) < 0)
			return -1;
	for (size_t i = 0; i < root->timestamper_count; i++)
		if (add_authority(&root->timestampers[i], trust->stampers,
		                  &trust->stamper_count, err) < 0)
			return -1;
	return 0;
}

/* --- all of it
 * ------------------------------------------------------------- */

int sigstore_trust_new(const struct trusted_root *root, unsigned evidence,
                       struct sigstore_trust **out, struct err *err)
{
	AUTO_SIGSTORE_TRUST struct sigstore_trust *trust = NULL;

	if ((evidence & ~(unsigned)EVIDENCE_ALL) != 0)
		return err_set(err, ERR_USAGE, 0,
		               "unknown kind of evidence required");
	trust = calloc(1, sizeof *trust);
	if (trust == NULL)
		return err_nomem(err);
	trust->evidence = evidence;
	if (add_logs(root, trust, err) < 0 ||
	    add_authorities(root, trust, err) < 0)
		return -1;
	*out = TAKE_PTR(trust);
	return 0;
}

/* --- its end
 * ---------------------------------------------------------------- */

static int64_t end_of_logs(const struct sigstore_log *logs, size_t count)
{
	int64_t last = INT64_MIN;

	for (size_t i = 0; i < count; i++)
		if (logs[i].period.to.seconds > last)
			last = logs[i].period.to.seconds;
	return last;
}

static int64_t end_of_authority(const struct sigstore_authority *authority)
{
	int64_t end = authority->period.to.seconds;

	for (size_t i = 0; i < authority->chain.count; i++) {
		int64_t expires;
		struct err unreadable; /* then nothing verifies by it */

		if (certificate_end(&authority->chain.items[i], &expires,
		                    &unreadable) < 0)
			return INT64_MIN;
		if (expires < end)
			end = expires;
	}
	return end;
}

static int64_t end_of_authorities(const struct sigstore_authority *authorities,
                                  size_t count)
{
	int64_t last = INT64_MIN;

	for (size_t i = 0; i < count; i++) {
		int64_t end = end_of_authority(&authorities[i]);

		if (end > last)
			last = end;
	}
	return last;
}

int64_t sigstore_trust_end(const struct sigstore_trust *trust,
                           enum sigstore_part *part)
{
	const unsigned evidence = trust->evidence;
	const struct {
		bool is_needed;
		int64_t end;
	} parts[SIGSTORE_PARTS] = {
		[SIGSTORE_PART_AUTHORITIES] = { true,
		                                end_of_authorities(
							trust->authorities,
							trust->authority_count) },
		[SIGSTORE_PART_LOGS] = { (evidence & SIGSTORE_LOG) != 0,
		                         end_of_logs(trust->logs,
		                                     trust->log_count) },
		[SIGSTORE_PART_CT_LOGS] = { (evidence & SIGSTORE_SCT) != 0,
		                            end_of_logs(trust->ct_logs,
		                                        trust->ct_log_count) },
		[SIGSTORE_PART_STAMPERS] = { (evidence & SIGSTORE_TIMESTAMP) !=
		                                     0,
		                             end_of_authorities(
						     trust->stampers,
						     trust->stamper_count) },
	};
	int64_t first = INT64_MAX;

	*part = SIGSTORE_PART_AUTHORITIES;
	for (unsigned i = 0; i < SIGSTORE_PARTS; i++) {
		if (!parts[i].is_needed || parts[i].end >= first)
			continue;
		first = parts[i].end;
		*part = (enum sigstore_part)i;
	}
	return first;
}

void sigstore_trust_free(struct sigstore_trust *trust)
{
	if (trust == NULL)
		return;
	for (size_t i = 0; i < trust->log_count; i++)
		public_key_done(&trust->logs[i].key);
	for (size_t i = 0; i < trust->ct_log_count; i++)
		public_key_done(&trust->ct_logs[i].key);
	for (size_t i = 0; i < trust->authority_count; i++)
		certificate_chain_done(&trust->authorities[i].chain);
	for (size_t i = 0; i < trust->stamper_count; i++)
		certificate_chain_done(&trust->stampers[i].chain);
	free(trust);
}
