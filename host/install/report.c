/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

void report_step(const struct request *request, const char *fmt, ...)
{
	va_list args;

	if (request->is_quiet || request->wants_json)
		return;
	va_start(args, fmt);
	(void)vprintf(fmt, args); /* a lost line must not fail an install */
	va_end(args);
	(void)putchar('\n');
	(void)fflush(stdout);
}

void report_warning(const char *fmt, ...)
{
	va_list args;

	(void)fputs("install-package: warning: ", stderr);
	va_start(args, fmt);
	(void)vfprintf(stderr, fmt, args);
	va_end(args);
	(void)fputc('\n', stderr);
}

int report_text(const struct buf *text, struct err *err)
{
	size_t len = text->len;

	if (fwrite(buf_text(text), 1, len, stdout) != len ||
	    (len > 0 && text->data[len - 1] != '\n' && putchar('\n') == EOF) ||
	    fflush(stdout) != 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "writing to standard output");
	return 0;
}

void report_error(const struct err *failure)
{
	char text[2 * ERR_TEXT_MAX];

	(void)fprintf(stderr, "install-package: error: %s\n",
	              err_format(failure, text, sizeof text));
}
