/* SPDX-License-Identifier: Apache-2.0 */
/* What the monitor and a worker may say to each other: structs of fixed size
 * over a SOCK_SEQPACKET socket.  One table in message.c lists type, direction,
 * size and how often; a message that is not in it, out of its order, or comes
 * with a descriptor is refused, and the receiver then gives up on the other
 * side.
 *
 *     worker   READY                        once; sandboxed, nothing read yet
 *     monitor        START                  once; the job
 *     worker   SLOT ...                     the next slot of the ring is filled
 *     monitor        CREDIT ...             one slot may be filled again
 *     monitor        GO ...                 fetch-worker waits for it
 *     worker   VERDICT ...                  of one piece of evidence
 *     worker   DONE or FAILED               once, and the last
 *
 * A job is answered either with slots or with at most VERDICTS_MAX verdicts.
 *
 * Nothing in a message of a worker is a path, and no text of it is acted on. */
#ifndef PRIVSEP_MESSAGE_H
#define PRIVSEP_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "codec/verdict.h"

#define MESSAGE_TEXT_MAX 512 /* bytes of a worker's text, no NUL needed */

enum message_type {
	MESSAGE_NONE, /* never sent */
	MESSAGE_READY,
	MESSAGE_START,
	MESSAGE_SLOT,
	MESSAGE_CREDIT,
	MESSAGE_GO,
	MESSAGE_VERDICT,
	MESSAGE_DONE,
	MESSAGE_FAILED,
	MESSAGE_TYPES
};

/* Why a worker gave up; it decides the monitor's exit status and no more. */
enum failure_code {
	FAILURE_FORMAT = 1,
	FAILURE_LIMIT,
	FAILURE_SYSTEM,
	FAILURE_UNTRUSTED,
	FAILURE_NETWORK,
	FAILURE_USAGE, /* what was asked for is not there */
	FAILURE_CODES
};

/* Where unpack-worker finds the payload. */
enum payload_frame {
	PAYLOAD_BARE = 1,  /* the input is payload.tar.gz itself */
	PAYLOAD_IN_BUNDLE, /* the input is a bundle file */
	PAYLOAD_PATCH      /* the input is a patch, whose digest was checked */
};

/* What verify-worker does. */
enum verify_task {
	VERIFY_TAKE_APART = 1, /* the input is a bundle file; slots */
	VERIFY_JUDGE,          /* the input is a dossier; verdicts */
	VERIFY_ROOTS           /* the same, for its roots alone; slots */
};

/* verify-worker; input 0 is what its task says. */
struct job_verify {
	uint32_t task;      /* enum verify_task */
	uint32_t unused;    /* 0 */
	uint64_t file_size; /* of the input */
};

/* Bytes of a file that the monitor wants: where they lie in the tar.  A file
 * may have several spans. */
struct payload_span {
	uint64_t mtree_line; /* its line of payload.mtree */
	uint64_t offset;
	uint64_t size; /* at least 1 */
};

/* unpack-worker; inputs: 0 the payload or bundle, 1 payload.mtree, 2
 * payload.index, 3 (where is_partial) an array of struct payload_span, all but
 * the first authentic; 4 for PAYLOAD_PATCH, which is partial, the old stream. A
 * patch is authentic, and the spans are places of its new stream. */
struct job_unpack {
	uint32_t frame;          /* enum payload_frame */
	uint32_t is_partial;     /* 1: only the files of input 3 */
	uint64_t span_count;     /* of input 3 */
	uint64_t file_size;      /* of input 0, by fstat */
	uint64_t old_size;       /* of input 4 */
	uint64_t payload_offset; /* in the bundle's tar; 0 for PAYLOAD_BARE */
	uint64_t payload_size;   /* of payload.tar.gz, as release.ini says */
	uint64_t tar_size;       /* uncompressed, as release.ini says */
	int64_t created;         /* as release.ini says */
};

/* engine-worker; input 0 is a file of questions and answers (engine.h). */
struct job_engine {
	uint64_t file_size; /* of the input */
};

/* What a worker is to do; which one is meant follows from the program.
 * fetch-worker and probe-worker take theirs through a descriptor. */
union job {
	struct job_verify verify;
	struct job_unpack unpack;
	struct job_engine engine;
};

/* Every message begins with its type. */
struct message_plain { /* READY, CREDIT, GO, DONE */
	uint32_t type;
};

struct message_start {
	uint32_t type;
	uint32_t unused; /* 0 */
	union job job;
};

struct message_slot {
	uint32_t type;
	uint32_t used; /* bytes of the slot; at least one frame's head */
};

struct message_verdict {
	uint32_t type;
	uint32_t unused; /* 0 */
	struct evidence_verdict verdict;
};

struct message_failed {
	uint32_t type;
	uint32_t code;               /* enum failure_code */
	uint32_t sys;                /* errno or 0 */
	uint32_t len;                /* bytes of text, 1 to MESSAGE_TEXT_MAX */
	char text[MESSAGE_TEXT_MAX]; /* printable UTF-8 */
};

union message {
	uint32_t type;
	struct message_plain plain;
	struct message_start start;
	struct message_slot slot;
	struct message_verdict verdict;
	struct message_failed failed;
};

enum message_side { SIDE_MONITOR, SIDE_WORKER };

/* What the worker's job is answered with. */
enum message_answer { ANSWER_SLOTS, ANSWER_VERDICTS };

/* One end of the socket.  Does not own the descriptor. */
struct message_channel {
	int fd;
	enum message_side side;     /* whose end this is */
	uint32_t seen;              /* bit per type received so far */
	enum message_answer answer; /* the monitor's end */
	unsigned verdicts;          /* received so far */
};

/**
 * message_send - send one message; its size follows from its type.
 * Waits at the worker's end; at the monitor's end a peer that does not read is
 * ERR_LIMIT.  Returns 0, or -1 with ERR_SYSTEM (EPIPE, ECONNRESET: the peer is
 * gone).
 */
int message_send(const struct message_channel *channel,
                 const union message *message, struct err *err) MUST_CHECK;

/**
 * message_receive - wait for the next message.
 * @out: written only on 1; all that the table demands of it holds.
 *
 * Returns 1, 0 when the peer is gone (end of file or ECONNRESET), or -1 with
 * ERR_FORMAT when the peer broke the protocol (the channel must not be used
 * again) or ERR_SYSTEM.
 */
int message_receive(struct message_channel *channel, union message *out,
                    struct err *err) MUST_CHECK;

/** message_failure - a FAILED message out of @err: its whole text cut to size
 * at a character's border, unprintable bytes replaced. */
void message_failure(const struct err *cause, union message *out);

#endif
