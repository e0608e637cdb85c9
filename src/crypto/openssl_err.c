/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/openssl_err.h"

#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>

int openssl_err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	unsigned long last = ERR_peek_last_error();
	const char *reason = ERR_reason_error_string(last);
	char text[ERR_TEXT_MAX];
	va_list arguments;

	ERR_clear_error();
	if (ERR_GET_REASON(last) == ERR_R_MALLOC_FAILURE)
		return err_nomem(err);
	va_start(arguments, fmt);
	(void)vsnprintf(text, sizeof text, fmt, arguments);
	va_end(arguments);
	if (reason == NULL)
		return err_set(err, code, 0, "%s", text);
	return err_set(err, code, 0, "%s: %s", text, reason);
}
