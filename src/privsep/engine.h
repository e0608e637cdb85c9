/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a container engine over its API socket.
 *
 * Who can write to that socket is root on this host.  So engine-worker never
 * gets it: the monitor connects, sends questions of its own making, and puts
 * what comes back, unread, into a file in memory; the worker, without paths and
 * sockets, reads that file and answers with one struct engine_report.  Of this
 * the monitor acts on IDs alone, which are 32 bytes each, to ask about them.
 *
 * Each question is a connection of its own with HTTP/1.0, which an answer ends,
 * so that the monitor needs to understand nothing of it.
 *
 * The file: struct engine_wishes, then for each answer a struct engine_record
 * and its bytes. */
#ifndef PRIVSEP_ENGINE_H
#define PRIVSEP_ENGINE_H

#include <stdint.h>

#include "base/err.h"
#include "codec/engine_answer.h"
#include "codec/engine_report.h"
#include "codec/http_answer.h"
#include "privsep/sandbox.h"

/* Bytes of one answer with its head, and of the file. */
#define ENGINE_ANSWER_RAW_MAX (ENGINE_ANSWER_MAX + HTTP_ANSWER_HEAD_MAX)
#define ENGINE_FILE_MAX       ((uint64_t)64 << 20)
/* Questions about IDs: each of the wishes and containers once. */
#define ENGINE_IDS_MAX (ENGINE_WISHES_MAX + ENGINE_CONTAINERS_MAX)

struct engine_record {
	uint32_t question; /* enum engine_question */
	uint32_t unused;   /* 0 */
	uint8_t id[ENGINE_ID_LEN];
	uint64_t len; /* of the bytes that follow */
};

struct engine_ask {
	int socket; /* borrowed; from engine_open_socket */
	const struct engine_wishes *wishes;
	int folder;          /* borrowed; from worker_open_folder */
	const char *account; /* as in struct worker_spec */
	enum sandbox_mode mode;
	uint32_t timeout_ms; /* for all answers together; at least 1 */
};

/**
 * engine_open_socket - find a socket, and connect to it later.
 * @path: below @root, absolute or not; links are followed as if @root were /.
 *
 * Returns a descriptor the caller owns, or -1 with ERR_SYSTEM, or ERR_FORMAT
 * where something else lies there.
 */
int engine_open_socket(int root, const char *path, struct err *err) MUST_CHECK;

/**
 * engine_ask - ask all that engine_answer.h knows.
 * @out: written only on 0; engine_report_check holds.
 *
 * Returns 0, or -1 with
 * - ERR_SYSTEM, sys EACCES: we may not talk to it;
 * - ERR_UNHEALTHY: nobody listens, it hangs up, or gives no answer in time;
 * - ERR_FORMAT, ERR_LIMIT: it answers nonsense, or too much;
 * - or as worker_start and worker_next_frame.
 */
int engine_ask(const struct engine_ask *ask, struct engine_report *out,
               struct err *err) MUST_CHECK;

#endif
