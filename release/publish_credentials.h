/* SPDX-License-Identifier: Apache-2.0 */
/* Who we are, for servers that are published to.  The first that knows:
 *
 *     1  --password-stdin        a line of the standard input
 *     2  --token-file [HOST=]FILE  a line of a file that is ours alone
 *     3  $CREDENTIALS_DIRECTORY/HOST   of systemd
 *     4  REGISTRY_AUTH_FILE, else $XDG_RUNTIME_DIR/containers/auth.json
 *     5  $DOCKER_CONFIG/config.json, else ~/.docker/config.json
 *        (credHelpers and credsStore are asked: docker-credential-X get)
 *     6  for GitHub alone: GITHUB_TOKEN, else GH_TOKEN
 *     7  nobody
 *
 * 4 and 5 are for registries only.  A line is user:password, or a token, whose
 * user then is --username, else "x-access-token".  What 1 and 2 give without a
 * HOST is for one server: asking for a second is an error that says how to name
 * each.
 *
 * No text of an error has a secret in it, and each secret that is found is made
 * known to redact.h before it is returned. */
#ifndef RELEASE_PUBLISH_CREDENTIALS_H
#define RELEASE_PUBLISH_CREDENTIALS_H

#include <stddef.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "codec/docker_config.h"
#include "codec/oci_reference.h"
#include "net/source.h"
#include "request.h"

#define PUBLISH_CREDENTIAL_MAX 4096 /* bytes of a line */
#define PUBLISH_HOST_SIZE      (OCI_NAME_MAX + 1)

/* Of one run of the program. */
struct publish_credentials {
	const struct request *request; /* borrowed */
	struct buf line;               /* owned; of the standard input */
	char bare[PUBLISH_HOST_SIZE];  /* whom 1 or 2 without HOST went to */
};

#define AUTO_PUBLISH_CREDENTIALS AUTO(publish_credentials_done)

/* What was found for one server: one of the two, or none. */
struct publish_credential {
	struct buf token;         /* owned; a line as struct source_wanted's */
	struct buf docker_config; /* owned; JSON, the same */
};

#define PUBLISH_CREDENTIAL_NONE                                                \
	((struct publish_credential){ BUF_LIMIT(DOCKER_CONFIG_MAX),            \
	                              BUF_LIMIT(DOCKER_CONFIG_MAX) })
#define AUTO_PUBLISH_CREDENTIAL AUTO(publish_credential_done)

/**
 * publish_credentials_open - read the standard input, if --password-stdin says
 * so; once, before anything is found.
 * @out: zeroed memory; release it with publish_credentials_done, also after -1.
 * Returns 0, or -1 with ERR_USAGE, ERR_LIMIT, ERR_SYSTEM.
 */
int publish_credentials_open(struct publish_credentials *out,
                             const struct request *request,
                             struct err *err) MUST_CHECK;

/** publish_credentials_done - wipe and release; idempotent. */
void publish_credentials_done(struct publish_credentials *credentials);

/**
 * publish_credentials_registry - what there is for a repository.
 * @out: PUBLISH_CREDENTIAL_NONE before; release it with
 *       publish_credential_done, also after -1.
 *
 * Returns 0, also with nobody; -1 with ERR_USAGE, ERR_UNTRUSTED (a file that
 * others may read), ERR_FORMAT, ERR_LIMIT, ERR_SYSTEM, naming the place.
 */
int publish_credentials_registry(struct publish_credentials *credentials,
                                 const struct oci_reference *reference,
                                 struct publish_credential *out,
                                 struct err *err) MUST_CHECK;

/**
 * publish_credentials_require_named - for commands whose servers a file names
 * that may be anybody's: that 1 and 2 say whom each is for.
 * Returns 0, or -1 with ERR_USAGE.
 */
int publish_credentials_require_named(const struct request *request,
                                      struct err *err) MUST_CHECK;

/** publish_credentials_api - the address of GitHub's API: $GITHUB_API_URL, else
 * GitHub's own. */
const char *publish_credentials_api(const struct request *request);

/**
 * publish_credentials_github - the same for GitHub; only token is filled.
 * @api: that address.  Its host "api.github.com" is looked for in 2 as
 * "github.com", in 3 also without "api.".
 */
int publish_credentials_github(struct publish_credentials *credentials,
                               const char *api, struct publish_credential *out,
                               struct err *err) MUST_CHECK;

/** publish_credential_fill - put it into @wanted, which borrows it. */
void publish_credential_fill(const struct publish_credential *credential,
                             struct source_wanted *wanted);

/** publish_credential_done - wipe and release; idempotent. */
void publish_credential_done(struct publish_credential *credential);

#endif
