/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/openssl_err.h"

#include <openssl/err.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

int openssl_err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	const char *details = NULL;
	int flags = 0;
	unsigned long last = ERR_peek_last_error_data(&details, &flags);
	const char *reason = ERR_reason_error_string(last);
	bool has_details = (flags & ERR_TXT_STRING) != 0 && details != NULL &&
	                   details[0] != '\0';
	char text[ERR_TEXT_MAX];
	va_list arguments;

	va_start(arguments, fmt);
	(void)vsnprintf(text, sizeof text, fmt, arguments);
	va_end(arguments);
	if (ERR_GET_REASON(last) == ERR_R_MALLOC_FAILURE)
		(void)err_nomem(err);
	else if (reason == NULL)
		(void)err_set(err, code, 0, "%s", text);
	else
		(void)err_set(err, code, 0, "%s: %s%s%s", text, reason,
		              has_details ? ": " : "",
		              has_details ? details : "");
	ERR_clear_error(); /* only now: it owns the details */
	return -1;
}
