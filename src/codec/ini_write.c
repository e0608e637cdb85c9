/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/ini_write.h"

#include <string.h>

#include "base/text.h"
#include "codec/ini.h"

#define BETWEEN " = "

int ini_write_section(struct buf *out, const char *section, struct err *err)
{
	return buf_printf(out, err, "\n[%s]\n", section);
}

static int check_value(const char *key, const char *value, struct err *err)
{
	size_t len = strlen(value);

	if (len == 0)
		return err_set(err, ERR_USAGE, 0, "%s is empty", key);
	if (strlen(key) + strlen(BETWEEN) + len > INI_LINE_MAX)
		return err_set(err, ERR_USAGE, 0,
		               "%s is too long for a line of %d bytes", key,
		               INI_LINE_MAX);
	if (value[0] == ' ' || value[len - 1] == ' ')
		return err_set(err, ERR_USAGE, 0,
		               "%s begins or ends with a blank", key);
	if (strchr(value, ';') != NULL || !text_is_printable(value, len))
		return err_set(err, ERR_USAGE, 0,
		               "%s has a ';' or is not printable UTF-8", key);
	return 0;
}

int ini_write_item(struct buf *out, const char *key, const char *value,
                   struct err *err)
{
	if (check_value(key, value, err) < 0)
		return -1;
	return buf_printf(out, err, "%s" BETWEEN "%s\n", key, value);
}
