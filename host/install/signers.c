/* SPDX-License-Identifier: Apache-2.0 */
#include "signers.h"

#include <stdio.h>

void signer_line(const struct signer *signer, char out[SIGNER_LINE_SIZE])
{
	char id[SIGNER_TEXT_SIZE];

	signer_text(signer, id);
	(void)snprintf(out, SIGNER_LINE_SIZE, "%s (%s)", signer->name,
	               signer->kind == SIGNER_IDENTITY &&
	                               signer->subject[0] != '\0'
	                       ? signer->subject
	                       : id);
}
