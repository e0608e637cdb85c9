/* SPDX-License-Identifier: Apache-2.0 */
/* Who vouched for a release, as commands show it. */
#ifndef INSTALL_SIGNERS_H
#define INSTALL_SIGNERS_H

#include "codec/signer.h"

#define SIGNER_LINE_SIZE                                                       \
	(KEY_NAME_SIZE + SIGNER_TEXT_SIZE + SIGNER_SUBJECT_SIZE + 8)

/** signer_line - "ops (F00DCAFE00000001)"; of an identity the name and whom its
 * certificate named. */
void signer_line(const struct signer *signer, char out[SIGNER_LINE_SIZE]);

#endif
