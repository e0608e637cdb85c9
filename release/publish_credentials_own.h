/* SPDX-License-Identifier: Apache-2.0 */
/* The places that publish_credentials.h lists, for publish_credentials*.c
 * alone:
 *
 *     publish_credentials.c          the order in which they are asked
 *     publish_credentials_line.c     1, 2, 3: a line
 *     publish_credentials_docker.c   4, 5: docker's files and helpers
 *
 * Each take function fills @out and returns 1; 0 where its place has nothing;
 * or -1 as publish_credentials_registry.  @out is then to be released. */
#ifndef RELEASE_PUBLISH_CREDENTIALS_OWN_H
#define RELEASE_PUBLISH_CREDENTIALS_OWN_H

#include "publish_credentials.h"

/** credential_check_line - that @line is user:password or a token; the end of
 * the line is cut, and the secret made known to redact.h.
 * Returns 0, or -1 with ERR_USAGE naming @where; or as redact_note. */
int credential_check_line(struct buf *line, const char *where,
                          struct err *err) MUST_CHECK;

/** credential_take_named - of --token-file or --password-stdin, for @host. */
int credential_take_named(struct publish_credentials *credentials,
                          const char *host, struct publish_credential *out,
                          struct err *err) MUST_CHECK;

/** credential_take_systemd - of $CREDENTIALS_DIRECTORY. */
int credential_take_systemd(const struct publish_credentials *credentials,
                            const char *host, struct publish_credential *out,
                            struct err *err) MUST_CHECK;

/** credential_take_docker - of docker_files.h, and of the helpers that they
 * name. */
int credential_take_docker(const struct publish_credentials *credentials,
                           const struct oci_reference *reference,
                           struct publish_credential *out,
                           struct err *err) MUST_CHECK;

#endif
