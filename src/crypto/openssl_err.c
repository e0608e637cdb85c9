/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/openssl_err.h"

#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>

bool openssl_err_drain(void)
{
	bool is_nomem = false;
	unsigned long reason;

	while ((reason = ERR_get_error()) != 0)
		is_nomem |= ERR_GET_REASON(reason) == ERR_R_MALLOC_FAILURE;
	return is_nomem;
}

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
	if (reason == NULL)
		(void)err_set(err, code, 0, "%s", text);
	else
		(void)err_set(err, code, 0, "%s: %s%s%s", text, reason,
		              has_details ? ": " : "",
		              has_details ? details : "");
	/* Only now: the queue owns the details. */
	return openssl_err_drain() ? err_nomem(err) : -1;
}
