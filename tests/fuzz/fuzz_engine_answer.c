/* SPDX-License-Identifier: Apache-2.0 */
/* Property: whatever an engine answers, in whatever order, the report is one
 * that the monitor accepts.  The first byte of each answer says to which
 * question; answers are parted by NUL. */
#include <string.h>

#include "codec/engine_answer.h"
#include "round_trip.h"

static struct engine_wishes wishes = {
	.base = "ghcr.io/acme/shop",
	.tag = "1",
	.runtimes = { "runc", "runsc" },
	.runtime_count = 2,
	.image_count = 2,
	.images = { { .name = "", .digest = { 1 } },
	            { .name = "LOG_WRITER", .digest = { 2 } } },
};

static void take(const uint8_t *data, size_t size, struct engine_report *report)
{
	unsigned question =
		ENGINE_VERSION + data[0] % (ENGINE_QUESTIONS - ENGINE_VERSION);
	const struct bytes body = { data + 1, size - 1 };
	const uint8_t *id = report->container_count > 0
	                            ? report->containers[0].id
	                            : report->images[0].id;
	struct err err;

	(void)!engine_answer_take(&wishes, (enum engine_question)question, id,
	                          body, report, &err);
	require(engine_report_check(&wishes, report, &err) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct engine_report report;

	memset(&report, 0, sizeof report);
	while (size > 0) {
		const uint8_t *end = memchr(data, '\0', size);
		size_t len = end != NULL ? (size_t)(end - data) : size;

		if (len > 0)
			take(data, len, &report);
		data += len;
		size -= len;
		if (size > 0) {
			data++;
			size--;
		}
	}
	return 0;
}
