/* SPDX-License-Identifier: Apache-2.0 */
/* --print-config: each value, and where it came from. */
#include "codec/json_write.h"
#include "publish_settings_own.h"

static int show_text(const struct publish_settings *settings, struct buf *out,
                     struct err *err)
{
	for (size_t i = 0; i < settings->target_count; i++)
		if (buf_printf(out, err, "to = %s  # %s\n",
		               settings->targets[i],
		               settings->targets_origin) < 0)
			return -1;
	for (enum publish_word i = 0; i < PUBLISH_WORDS; i++) {
		const struct publish_setting *setting = &settings->words[i];

		if (buf_printf(out, err, "%s =%s%s  # %s\n",
		               publish_word_name(i),
		               setting->value[0] != '\0' ? " " : "",
		               setting->value,
		               setting->origin[0] != '\0' ? setting->origin
		                                          : "not set") < 0)
			return -1;
	}
	return 0;
}

static int show_json(const struct publish_settings *settings, struct buf *out,
                     struct err *err)
{
	struct json_writer json;

	json_begin(&json, out);
	if (json_open_object(&json, NULL, err) < 0 ||
	    json_open_array(&json, "to", err) < 0)
		return -1;
	for (size_t i = 0; i < settings->target_count; i++)
		if (json_text(&json, NULL, settings->targets[i], err) < 0)
			return -1;
	if (json_close(&json, err) < 0)
		return -1;
	for (enum publish_word i = 0; i < PUBLISH_WORDS; i++)
		if (json_open_object(&json, publish_word_name(i), err) < 0 ||
		    json_text(&json, "value", settings->words[i].value, err) <
		            0 ||
		    json_text(&json, "origin", settings->words[i].origin, err) <
		            0 ||
		    json_close(&json, err) < 0)
			return -1;
	if (json_close(&json, err) < 0)
		return -1;
	return buf_adds(out, "\n", err);
}

int publish_settings_show(const struct publish_settings *settings,
                          struct buf *out, struct err *err)
{
	return settings->request->json ? show_json(settings, out, err)
	                               : show_text(settings, out, err);
}
