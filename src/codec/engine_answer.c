/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/engine_answer.h"

#include "codec/engine_answer_own.h"

int engine_answer_take(const struct engine_wishes *wishes,
                       enum engine_question question,
                       const uint8_t id[ENGINE_ID_LEN], struct bytes body,
                       struct engine_report *report, struct err *err)
{
	static int (*const takes[ENGINE_QUESTIONS])(
		struct engine_reading * reading, const struct json_node *top,
		struct err *err) = {
		[ENGINE_VERSION] = engine_take_version,
		[ENGINE_INFO] = engine_take_info,
		[ENGINE_IMAGES] = engine_take_images,
		[ENGINE_CONTAINERS] = engine_take_containers,
		[ENGINE_IMAGE] = engine_take_image,
		[ENGINE_CONTAINER] = engine_take_container,
	};
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	struct engine_reading reading = { wishes, id, report };
	struct json_node top;

	if (json_read((const char *)body.data, body.len, ENGINE_ANSWER_MAX,
	              &document, err) < 0)
		return -1;
	top = json_top(&document);
	return takes[question](&reading, &top, err);
}
