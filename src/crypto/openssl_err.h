/* SPDX-License-Identifier: Apache-2.0 */
/* What libcrypto says of a failure.  It keeps its reasons in a queue of the
 * thread's, where a leftover would be taken for the reason of a later failure:
 * each failing call of this room goes through here and leaves it empty. */
#ifndef CRYPTO_OPENSSL_ERR_H
#define CRYPTO_OPENSSL_ERR_H

#include <stdbool.h>

#include "base/err.h"

/**
 * openssl_err_drain - empty the queue.
 *
 * Returns whether memory was lacking: that lies below the reasons of those who
 * met it and call it something else.
 */
bool openssl_err_drain(void);

/**
 * openssl_err_set - start a failure as err_set does, with the last reason of
 * libcrypto's queue and its details, if it holds one, behind the text.
 *
 * Where the reason is a lack of memory the failure is that of err_nomem.
 * Returns -1, and the queue is empty.
 */
int openssl_err_set(struct err *err, enum err_code code, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

#endif
