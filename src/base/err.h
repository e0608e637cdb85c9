/* SPDX-License-Identifier: Apache-2.0 */
/* Why an operation failed: one code, the errno of the cause, and the steps
 * that led to it.  Lives on the caller's stack; nothing here allocates, so
 * reporting works when memory is short. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stddef.h>

#define MUST_CHECK        __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

/* One list for the whole project; each code maps to one exit status in
 * err_exit_status(). */
enum err_code {
	ERR_NONE = 0,
	ERR_FINDINGS, /* the thing was judged, and something is wrong with it */
	ERR_USAGE,   /* the caller's arguments or configuration make no sense */
	ERR_SYSTEM,  /* a system call failed; err.sys holds errno */
	ERR_NETWORK, /* the other side could not be reached or refused */
	ERR_LIMIT,   /* a size, count or time limit was exceeded */
	ERR_FORMAT,  /* input is not in the documented format, or damaged */
	ERR_UNTRUSTED, /* a signature, digest or policy check failed */
	ERR_CONFLICT,  /* the store holds something else */
	ERR_UNHEALTHY, /* the new release failed its health gate; reverted */
	ERR_STRANDED,  /* it failed its gate, and going back failed as well */
	ERR_LOCKED,    /* another run holds the lock; try again */
	ERR_INTERNAL,  /* a bug in this program */
};

#define ERR_TEXT_MAX 512

struct err {
	enum err_code code;
	int sys;                 /* errno of the cause, or 0 */
	size_t len;              /* bytes used in text */
	char text[ERR_TEXT_MAX]; /* NUL-separated frames, cause first */
};

/**
 * err_set - start a failure with its cause.
 * @err:  written; whatever it held before is discarded.
 * @code: any code but ERR_NONE.
 * @sys:  errno of the failing call, or 0 where no system call failed.
 * @fmt:  what failed and on which object; no trailing full stop or newline.
 *
 * Returns -1, so that a failing function ends with "return err_set(...)".
 */
int err_set(struct err *err, enum err_code code, int sys, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

/**
 * err_wrap - add what the caller was trying to do.
 * @err: holds a failure set by a callee.
 * @fmt: the step, as in "staging release 1.4.2".
 *
 * When the text is full the new frame is dropped; the cause is always kept.
 * Returns -1.
 */
int err_wrap(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/**
 * err_nomem - start a failure for an allocation of any kind.
 *
 * Returns -1; the code is ERR_SYSTEM with ENOMEM.
 */
int err_nomem(struct err *err);

/**
 * err_format - render "outer step: inner step: cause: errno text" in @buf.
 * Control bytes are replaced by '?', so that a hostile file name cannot drive
 * the terminal.  Always NUL-terminates; returns @buf.
 */
const char *err_format(const struct err *err, char *buf, size_t size);

/**
 * err_exit_status - the exit status that install-package and package-release
 * give for @code; docs/bundle-format.md lists them.
 */
int err_exit_status(enum err_code code);

#endif
