/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/failure.h"

const char *failure_word(const struct err *failure)
{
	switch (failure->code) {
	case ERR_UNHEALTHY:
		return "reverted";
	case ERR_STRANDED:
		return "stranded";
	case ERR_UNTRUSTED:
		return "refused";
	case ERR_NONE:
	case ERR_FINDINGS:
	case ERR_USAGE:
	case ERR_SYSTEM:
	case ERR_NETWORK:
	case ERR_LIMIT:
	case ERR_FORMAT:
	case ERR_CONFLICT:
	case ERR_LOCKED:
	case ERR_INTERNAL:
		break;
	}
	return "failed";
}

int failure_members(const struct err *failure, struct json_writer *json,
                    struct err *err)
{
	char text[2 * ERR_TEXT_MAX];

	if (json_text(json, "error", err_format(failure, text, sizeof text),
	              err) < 0)
		return -1;
	return json_u64(json, "status",
	                (uint64_t)err_exit_status(failure->code), err);
}

int failure_json(const struct err *failure, struct buf *out, struct err *err)
{
	struct json_writer json;

	json_begin(&json, out);
	if (json_open_object(&json, NULL, err) < 0 ||
	    json_text(&json, "result", failure_word(failure), err) < 0 ||
	    failure_members(failure, &json, err) < 0)
		return -1;
	return json_close(&json, err);
}
