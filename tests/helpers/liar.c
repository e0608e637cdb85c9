/* SPDX-License-Identifier: Apache-2.0 */
/* A worker that does what its first input says (lie.h).  It has no sandbox, so
 * that it can try everything. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lie.h"
#include "privsep/worker_main.h"

static uint8_t *ring;

static void say(const void *message, size_t len)
{
	if (send(WORKER_FD_SOCKET, message, len, MSG_NOSIGNAL) < 0)
		_exit(9);
}

static void say_plain(uint32_t type)
{
	say(&type, sizeof type);
}

static void say_slot(uint32_t used)
{
	const uint32_t slot[] = { MESSAGE_SLOT, used };

	say(slot, sizeof slot);
}

static void say_with_descriptor(uint32_t type)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = { &type, sizeof type };
	struct msghdr message = { .msg_iov = &part,
		                  .msg_iovlen = 1,
		                  .msg_control = &control,
		                  .msg_controllen = sizeof control };
	const int fd = WORKER_FD_INPUT;

	memset(&control, 0, sizeof control);
	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
	if (sendmsg(WORKER_FD_SOCKET, &message, MSG_NOSIGNAL) < 0)
		_exit(9);
}

static void say_failed(uint32_t code, uint32_t sys, const char *text,
                       uint32_t len)
{
	struct message_failed failed;
	size_t fits = len < sizeof failed.text ? len : sizeof failed.text;

	memset(&failed, 0, sizeof failed);
	failed.type = MESSAGE_FAILED;
	failed.code = code;
	failed.sys = sys;
	failed.len = len;
	memset(failed.text, 'x', fits);
	if (text != NULL)
		memcpy(failed.text, text, fits);
	say(&failed, sizeof failed);
}

static void wait_for_message(void)
{
	union message message;

	if (recv(WORKER_FD_SOCKET, &message, sizeof message, 0) <= 0)
		_exit(9);
}

static void put(size_t at, uint32_t number, uint32_t len)
{
	memcpy(ring + at, &number, sizeof number);
	memcpy(ring + at + sizeof number, &len, sizeof len);
}

static void stay_silent(void)
{
	for (;;)
		(void)pause();
}

/* --- verdicts --- */

static void say_verdict(const struct evidence_verdict *verdict, size_t less)
{
	struct message_verdict message;

	memset(&message, 0, sizeof message);
	message.type = MESSAGE_VERDICT;
	message.verdict = *verdict;
	say(&message, sizeof message - less);
}

/* What any release may have: an attestation that proves nothing. */
static struct evidence_verdict plain_verdict(void)
{
	struct evidence_verdict verdict;

	memset(&verdict, 0, sizeof verdict);
	verdict.kind = VERDICT_REFUSED;
	verdict.part_kind = PART_SIGSTORE;
	verdict.ordinal = 1;
	memcpy(verdict.reason, "why", sizeof "why");
	return verdict;
}

static void say_verdicts(unsigned count)
{
	const struct evidence_verdict verdict = plain_verdict();

	for (unsigned i = 0; i < count; i++)
		say_verdict(&verdict, 0);
}

static struct evidence_verdict wrong_verdict(enum lie lie)
{
	struct evidence_verdict verdict = plain_verdict();

	if (lie == LIE_VERDICT_KIND)
		verdict.kind = VERDICT_KINDS;
	if (lie == LIE_VERDICT_PART)
		verdict.part_kind = PART_MTREE;
	if (lie == LIE_VERDICT_LINE) {
		verdict.part_kind = PART_ATTESTATION;
		verdict.ordinal = 0;
		verdict.line = VERDICT_ATTESTATIONS_MAX + 1;
	}
	if (lie == LIE_VERDICT_LONG) {
		verdict.kind = VERDICT_SIGNATURE;
		verdict.signature_len = VERDICT_SIGNATURE_MAX + 1;
	}
	if (lie == LIE_VERDICT_TEXT)
		memset(verdict.subject, 'x', sizeof verdict.subject);
	if (lie == LIE_VERDICT_ESCAPE)
		verdict.reason[0] = '\033';
	if (lie == LIE_VERDICT_MASK) {
		verdict.kind = VERDICT_SIGNATURE;
		verdict.signature_len = 1;
		verdict.reason[0] = '\0';
		verdict.identities = 1;
	}
	return verdict;
}

static void lie_with_verdict(enum lie lie)
{
	struct evidence_verdict verdict = wrong_verdict(lie);

	if (lie == LIE_VERDICT_UNASKED)
		say_verdicts(1);
	if (lie < LIE_VERDICT || lie >= LIE_VERDICT_LAST)
		return;
	if (lie == LIE_VERDICT_SLOT)
		say_slot(FRAME_HEAD_SIZE);
	else if (lie == LIE_VERDICT_SHORT)
		say_verdict(&verdict, 1);
	else if (lie == LIE_VERDICT_MOST)
		say_verdicts(VERDICTS_MAX);
	else if (lie == LIE_VERDICT_FLOOD)
		say_verdicts(VERDICTS_MAX + 1);
	else
		say_verdict(&verdict, 0);
	say_plain(MESSAGE_DONE);
	stay_silent();
}

static void lie_before_ready(enum lie lie)
{
	if (lie == LIE_VERDICT_EARLY)
		say_verdicts(1);
	if (lie == LIE_SLOT_BEFORE_READY)
		say_slot(FRAME_HEAD_SIZE);
	if (lie == LIE_DONE_BEFORE_READY)
		say_plain(MESSAGE_DONE);
	if (lie == LIE_SILENCE_READY)
		stay_silent();
	if (lie == LIE_EXIT_READY)
		_exit(0);
	if (lie == LIE_DESCRIPTOR)
		say_with_descriptor(MESSAGE_READY);
}

static void flood(void)
{
	put(0, 1, 0);
	for (;;)
		say_slot(FRAME_HEAD_SIZE);
}

/* Always in time, and never at an end. */
static void drip(void)
{
	put(0, 1, 0);
	for (;;) {
		(void)poll(NULL, 0, LIE_DRIP_MS);
		say_slot(FRAME_HEAD_SIZE);
		wait_for_message(); /* CREDIT */
	}
}

/* A good frame is handed over, and then overwritten by one that leaves its
 * slot: the monitor must go on with what it copied. */
static void change_after(void)
{
	static const uint8_t good[] = { 'g', 'o', 'o', 'd' };

	put(0, 1, 4);
	memcpy(ring + FRAME_HEAD_SIZE, good, sizeof good);
	put(FRAME_HEAD_SIZE + 4, 1, 0);
	say_slot(2 * FRAME_HEAD_SIZE + 4);
	wait_for_message(); /* CREDIT: it was copied */
	memset(ring, 0xff, RING_SLOT_SIZE);
	say_plain(MESSAGE_DONE);
}

static void lie_with_slot(enum lie lie)
{
	switch ((int)lie) {
	case LIE_SLOT_EMPTY:
		say_slot(0);
		break;
	case LIE_SLOT_TINY:
		say_slot(FRAME_HEAD_SIZE - 1);
		break;
	case LIE_SLOT_FULL:
		put(0, 1, (uint32_t)FRAME_DATA_MAX);
		say_slot((uint32_t)RING_SLOT_SIZE);
		say_plain(MESSAGE_DONE);
		break;
	case LIE_SLOT_OVERFULL:
		say_slot((uint32_t)RING_SLOT_SIZE + 1);
		break;
	case LIE_SLOT_MAX:
		say_slot(UINT32_MAX);
		break;
	case LIE_FRAME_LEAVES:
		put(0, 1, 1);
		say_slot(FRAME_HEAD_SIZE);
		break;
	case LIE_FRAME_MAX:
		put(0, 1, UINT32_MAX);
		say_slot((uint32_t)RING_SLOT_SIZE);
		break;
	case LIE_FRAME_TORN:
		put(0, 1, 0);
		say_slot(FRAME_HEAD_SIZE + 4);
		break;
	case LIE_FLOOD:
		flood();
		break;
	case LIE_DRIP:
		drip();
		break;
	case LIE_CHANGE:
		change_after();
		break;
	default:
		return;
	}
	stay_silent();
}

static void lie_with_message(enum lie lie)
{
	static const char oversized[sizeof(union message) + 1] = {
		MESSAGE_FAILED
	};
	const uint32_t long_slot[] = { MESSAGE_SLOT, FRAME_HEAD_SIZE, 0 };

	switch ((int)lie) {
	case LIE_UNKNOWN_TYPE:
		say_plain(MESSAGE_TYPES);
		break;
	case LIE_TYPE_ZERO:
		say_plain(0);
		break;
	case LIE_HUGE_TYPE:
		say_plain(UINT32_MAX);
		break;
	case LIE_MONITORS_TYPE:
		say_plain(MESSAGE_START);
		break;
	case LIE_CREDIT:
		say_plain(MESSAGE_CREDIT);
		break;
	case LIE_SHORT_MESSAGE:
		say("\3\0", 2);
		break;
	case LIE_EMPTY_MESSAGE:
		say("", 0);
		break;
	case LIE_SHORT_SLOT:
		say_plain(MESSAGE_SLOT);
		break;
	case LIE_LONG_SLOT:
		say(long_slot, sizeof long_slot);
		break;
	case LIE_OVERSIZED:
		say(oversized, sizeof oversized);
		break;
	case LIE_READY_TWICE:
		say_plain(MESSAGE_READY);
		break;
	case LIE_DESCRIPTOR_DONE:
		say_with_descriptor(MESSAGE_DONE);
		break;
	default:
		return;
	}
	stay_silent();
}

static void lie_with_end(enum lie lie)
{
	const struct rlimit no_core = { 0, 0 };

	switch ((int)lie) {
	case LIE_SILENCE_JOB:
		stay_silent();
		break;
	case LIE_EXIT_JOB:
		_exit(0);
	case LIE_EXIT_STATUS:
		_exit(3);
	case LIE_CRASH:
		(void)setrlimit(RLIMIT_CORE, &no_core);
		(void)signal(SIGSEGV, SIG_DFL);
		(void)raise(SIGSEGV);
		break;
	case LIE_CLOSE:
		(void)close(WORKER_FD_SOCKET);
		stay_silent();
		break;
	case LIE_SHRINK:
		if (ftruncate(WORKER_FD_RING, 0) == 0)
			_exit(8);
		say_plain(MESSAGE_DONE);
		stay_silent();
		break;
	default:
		return;
	}
}

static void lie_with_failure(enum lie lie)
{
	switch ((int)lie) {
	case LIE_FAIL_FORMAT:
		say_failed(FAILURE_FORMAT, 0, "a torn file", 11);
		break;
	case LIE_FAIL_CODE_ZERO:
		say_failed(0, 0, NULL, 4);
		break;
	case LIE_FAIL_CODE_HIGH:
		say_failed(FAILURE_CODES, 0, NULL, 4);
		break;
	case LIE_FAIL_ERRNO:
		say_failed(FAILURE_SYSTEM, 4096, NULL, 4);
		break;
	case LIE_FAIL_UNPRINTABLE:
		say_failed(FAILURE_FORMAT, 0, "\033[2J", 4);
		break;
	case LIE_FAIL_BAD_UTF8:
		say_failed(FAILURE_FORMAT, 0, "\xc3(", 2);
		break;
	case LIE_FAIL_EMPTY:
		say_failed(FAILURE_FORMAT, 0, NULL, 0);
		break;
	case LIE_FAIL_MAX:
		say_failed(FAILURE_LIMIT, 0, NULL, MESSAGE_TEXT_MAX);
		break;
	case LIE_FAIL_LONG:
		say_failed(FAILURE_LIMIT, 0, NULL, MESSAGE_TEXT_MAX + 1);
		break;
	default:
		return;
	}
	stay_silent();
}

int main(void)
{
	uint8_t byte;
	enum lie lie;

	if (pread(WORKER_FD_INPUT, &byte, 1, 0) != 1)
		return 9;
	lie = (enum lie)byte;
	ring = mmap(NULL, RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
	            WORKER_FD_RING, 0);
	if (ring == MAP_FAILED)
		return 9;
	lie_before_ready(lie);
	say_plain(MESSAGE_READY);
	wait_for_message();
	lie_with_message(lie);
	lie_with_verdict(lie);
	lie_with_slot(lie);
	lie_with_end(lie);
	lie_with_failure(lie);
	put(0, 7, 0);
	put(FRAME_HEAD_SIZE, 8, 0);
	say_slot(2 * FRAME_HEAD_SIZE);
	say_plain(MESSAGE_DONE);
	return 0;
}
