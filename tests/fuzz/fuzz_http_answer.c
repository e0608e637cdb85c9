/* SPDX-License-Identifier: Apache-2.0 */
/* Property: the body of an answer is the end of what was read. */
#include "codec/http_answer.h"
#include "round_trip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct bytes text = { data, size };
	struct http_answer answer;
	struct err err;

	if (http_answer_read(text, &answer, &err) < 0)
		return 0;
	require(answer.status >= 100 && answer.status <= 599);
	require(answer.body.len < size);
	require(answer.body.data + answer.body.len == data + size);
	return 0;
}
