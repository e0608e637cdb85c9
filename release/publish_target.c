/* SPDX-License-Identifier: Apache-2.0 */
#include "publish_target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

int publish_target_init(struct publish_target *target,
                        const struct publish_target_ops *ops,
                        const struct publish_context *context, const char *name,
                        const struct publications *publications,
                        struct err *err)
{
	size_t count = publications->count;
	struct publish_item *items =
		calloc(count > 0 ? count : 1, sizeof *items);

	if (items == NULL)
		return err_nomem(err);
	if (text_copy(target->name, sizeof target->name, name, strlen(name),
	              err) < 0) {
		free(items);
		return err_wrap(err, "the address of a target");
	}
	for (size_t i = 0; i < count; i++)
		items[i].publication = publications->at[i];
	target->ops = ops;
	target->context = context;
	target->items = items;
	target->count = count;
	return 0;
}

void publish_target_done(struct publish_target *target)
{
	free(target->items);
	target->items = NULL;
	target->count = 0;
}

void publish_target_free(struct publish_target *target)
{
	if (target != NULL)
		target->ops->done(target);
}

int publish_target_new(const struct publish_context *context,
                       const char *address,
                       const struct publications *publications,
                       struct publish_target **out, struct err *err)
{
	static const struct {
		const char *scheme;
		int (*make)(const struct publish_context *context,
		            const char *address,
		            const struct publications *publications,
		            struct publish_target **out, struct err *err);
	} kinds[] = { { "oci://", publish_oci_new },
		      { "github://", publish_github_new },
		      { "dir:", publish_dir_new } };

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		const char *scheme = kinds[i].scheme;

		if (strncmp(address, scheme, strlen(scheme)) == 0)
			return kinds[i].make(context, address, publications,
			                     out, err);
	}
	return err_set(err, ERR_USAGE, 0,
	               "'%.200s' is no target: oci://registry/repository, "
	               "github://owner/repo or dir:PATH",
	               address);
}

int publish_item_fail(const struct publish_target *target,
                      struct publish_item *item, struct err *err)
{
	(void)err_wrap(err, "publishing %.200s", item->place);
	item->state = PUBLISH_FAILED;
	item->err = *err;
	return target->context->keep_going ? 0 : -1;
}
