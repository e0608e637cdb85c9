/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/engine_report.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

/* Whether a field of @size bytes holds a text that can be shown. */
static bool is_text(const char *field, size_t size)
{
	const char *end = memchr(field, '\0', size);

	return end != NULL && text_is_printable(field, (size_t)(end - field));
}

#define IS_TEXT(field) is_text(field, sizeof(field))

static int refuse(const char *what, struct err *err)
{
	return err_set(err, ERR_FORMAT, 0, "a report of an engine with %s",
	               what);
}

static int check_image(const struct engine_image *image, struct err *err)
{
	if (image->state >= ENGINE_IMAGE_STATES || image->is_inspected > 1)
		return refuse("an image in no state", err);
	return IS_TEXT(image->platform) ? 0 : refuse("a bad platform", err);
}

static int check_container(const struct engine_wishes *wishes,
                           const struct engine_container *container,
                           struct err *err)
{
	if (container->state >= ENGINE_CONTAINER_STATES ||
	    container->health >= ENGINE_HEALTHS ||
	    container->is_inspected > 1 || container->is_kept > 1 ||
	    container->exit_code > INT32_MAX)
		return refuse("a container in no state", err);
	if (container->wish != ENGINE_NO_WISH &&
	    container->wish >= wishes->image_count)
		return refuse("a container of no image", err);
	if (!IS_TEXT(container->name) || !IS_TEXT(container->image))
		return refuse("a bad name of a container", err);
	return 0;
}

static int check_head(const struct engine_wishes *wishes,
                      const struct engine_report *report, struct err *err)
{
	if (report->kind >= ENGINE_KINDS || report->guards > ENGINE_GUARDS ||
	    report->cgroup_version > 2)
		return refuse("a number out of range", err);
	if (report->runtimes >> wishes->runtime_count != 0)
		return refuse("a runtime that nobody asked for", err);
	if (report->container_count > ENGINE_CONTAINERS_MAX)
		return refuse("too many containers", err);
	if (!IS_TEXT(report->version) || !IS_TEXT(report->driver) ||
	    !IS_TEXT(report->folder) || !IS_TEXT(report->runtime))
		return refuse("a bad text", err);
	return 0;
}

int engine_report_check(const struct engine_wishes *wishes,
                        const struct engine_report *report, struct err *err)
{
	if (check_head(wishes, report, err) < 0)
		return -1;
	for (size_t i = 0; i < wishes->image_count; i++)
		if (check_image(&report->images[i], err) < 0)
			return -1;
	for (size_t i = 0; i < report->container_count; i++)
		if (check_container(wishes, &report->containers[i], err) < 0)
			return -1;
	return 0;
}

int engine_wishes_check(const struct engine_wishes *wishes, struct err *err)
{
	bool is_good = wishes->image_count <= ENGINE_WISHES_MAX &&
	               wishes->runtime_count <= ENGINE_RUNTIMES_MAX &&
	               IS_TEXT(wishes->base) && IS_TEXT(wishes->tag);

	for (size_t i = 0; is_good && i < wishes->runtime_count; i++)
		is_good = IS_TEXT(wishes->runtimes[i]);
	for (size_t i = 0; is_good && i < wishes->image_count; i++)
		is_good = IS_TEXT(wishes->images[i].name);
	return is_good ? 0
	               : err_set(err, ERR_INTERNAL, 0,
	                         "a question to an engine is damaged");
}
