/* SPDX-License-Identifier: Apache-2.0 */
/* Whose certificate it is: what it says of its owner (codec/claims.h), and what
 * the provenance says that he signed, against the identities that the host
 * names ([identity NAME], codec/settings_identity.h).
 *
 * Everything is compared byte by byte, upper and lower case differ: what one
 * forge folds, another does not.  A claim that is absent matches nothing.
 *
 * With repository = OWNER/REPO (GitHub), the source repository (.12) is that
 * one, and so is the repository of the workflow that signed (the subject),
 * unless workflow names another one: a reusable workflow signs in its own name
 * for all who call it.  ref is the source ref (.14) and, unless workflow names
 * a ref of its own, that of the workflow.
 *
 * Pure; runs in verify-worker. */
#ifndef TRUST_IDENTITY_H
#define TRUST_IDENTITY_H

#include <stdint.h>

#include "base/err.h"
#include "codec/claims.h"
#include "codec/settings.h"
#include "codec/statement.h"
#include "codec/verdict.h"

/**
 * identity_match - whether the owner of a certificate is @identity.
 * @identity:   passed settings_check_identity.
 * @provenance: what he signed; NULL where that is no provenance.
 *
 * Returns 0, or -1 with ERR_UNTRUSTED that names the key of the section, what
 * it wants and what there is.
 */
int identity_match(const struct settings_identity *identity,
                   const struct claims *claims,
                   const struct provenance *provenance,
                   struct err *err) MUST_CHECK;

/**
 * identity_check_agreement - that provenance and certificate say the same where
 * both speak.  Certificates are written by the authority, of what the forge
 * told it; the provenance by the workflow itself.
 *
 * Returns 0, or -1 with ERR_UNTRUSTED that names the field and both values.
 */
int identity_check_agreement(const struct claims *claims,
                             const struct provenance *provenance,
                             struct err *err) MUST_CHECK;

/**
 * identity_find - all identities of the host that the owner is.
 * @statement: what he signed; NULL for a message.
 * @mask:   bit n for the n-th identity of @settings; 0 for a stranger.
 * @reason: for a stranger, why the identity that came closest is not his; else
 *          "".  Both are written only on 0.
 *
 * Returns 0, or -1 as identity_check_agreement.
 */
int identity_find(const struct settings *settings, const struct claims *claims,
                  const struct statement *statement, uint64_t *mask,
                  char reason[VERDICT_REASON_SIZE], struct err *err) MUST_CHECK;

#endif
