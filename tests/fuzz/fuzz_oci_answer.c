/* SPDX-License-Identifier: Apache-2.0 */
/* Properties: a token that was read can stand in a header and does not live for
 * ever; an error's text is printable ASCII. */
#include "codec/oci_answer.h"
#include "round_trip.h"

static void require_ascii(const char *text, char lowest)
{
	for (; *text != '\0'; text++)
		require(*text >= lowest && *text <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct oci_token token;
	char shown[OCI_ERROR_TEXT_SIZE];
	struct err err;

	if (oci_token_parse((const char *)data, size, &token, &err) == 0) {
		require(token.text[0] != '\0');
		require(token.life > 0 && token.life <= OCI_TOKEN_LIFE_MAX);
		require_ascii(token.text, '!');
	}
	oci_error_text((const char *)data, size, shown);
	require_ascii(shown, ' ');
	return 0;
}
