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

int signers_json(const struct signer *signers, size_t count,
                 struct json_writer *json, struct err *err)
{
	if (json_open_array(json, "signers", err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct signer *signer = &signers[i];
		char id[SIGNER_TEXT_SIZE];

		signer_text(signer, id);
		if (json_open_object(json, NULL, err) < 0 ||
		    json_text(json, "id", id, err) < 0 ||
		    json_text(json, "name", signer->name, err) < 0 ||
		    (signer->kind == SIGNER_IDENTITY &&
		     json_text(json, "subject", signer->subject, err) < 0) ||
		    json_close(json, err) < 0)
			return -1;
	}
	return json_close(json, err);
}
