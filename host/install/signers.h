/* SPDX-License-Identifier: Apache-2.0 */
/* Who vouched for a release, as commands show it. */
#ifndef INSTALL_SIGNERS_H
#define INSTALL_SIGNERS_H

#include <stddef.h>

#include "codec/json_write.h"
#include "codec/signer.h"

#define SIGNER_LINE_SIZE                                                       \
	(KEY_NAME_SIZE + SIGNER_TEXT_SIZE + SIGNER_SUBJECT_SIZE + 8)

/** signer_line - "ops (F00DCAFE00000001)"; of an identity the name and whom its
 * certificate named. */
void signer_line(const struct signer *signer, char out[SIGNER_LINE_SIZE]);

/** signers_json - the member "signers": an array of objects with id, name and,
 * of an identity, subject.  Errors as json_text. */
int signers_json(const struct signer *signers, size_t count,
                 struct json_writer *json, struct err *err) MUST_CHECK;

#endif
