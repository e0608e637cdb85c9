/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/digest.h"

#include "codec/json_read.h"

int digest_read(const struct json_node *node, struct typed_digest *out,
                struct err *err)
{
	static const char *const known[] = { "algorithm", "digest", NULL };
	/* In the order of enum digest_type, behind "unspecified". */
	static const char *const names[] = { "", "SHA2_256", "SHA2_384",
		                             "SHA2_512", NULL };
	struct json_node algorithm = json_member(node, "algorithm");
	struct json_node digest = json_member(node, "digest");
	struct typed_digest read = { .type = DIGEST_SHA256 };
	unsigned name = 0;

	if (json_require_object(node, known, err) < 0 ||
	    json_get_enum(&algorithm, names, &name, err) < 0)
		return -1;
	if (name == 0)
		return json_refuse(&algorithm, ERR_FORMAT, err, "is missing");
	read.type = (enum digest_type)(name - 1);
	if (json_require_exact(&digest, read.data, digest_len(read.type), err) <
	    0)
		return -1;
	*out = read;
	return 0;
}
