/* SPDX-License-Identifier: Apache-2.0 */
/* A worker that lies can only make the monitor stop with one clear error. */
#include "play.h"

#include "../helpers/lie.h"
#include "base/clock.h"

#define SHORT_STALL 300 /* milliseconds */

struct lie_case {
	const char *name;
	enum lie lie;
	enum err_code code; /* ERR_NONE: it is no lie after all */
	const char *text;   /* part of the message */
};

static const struct lie_case cases[] = {
	{ "an honest worker", LIE_NONE, ERR_NONE, "" },
	{ "an unknown message", LIE_UNKNOWN_TYPE, ERR_INTERNAL,
	  "liar broke the protocol: unknown message 9" },
	{ "message 0", LIE_TYPE_ZERO, ERR_INTERNAL, "unknown message 0" },
	{ "message 2^32 - 1", LIE_HUGE_TYPE, ERR_INTERNAL,
	  "unknown message 4294967295" },
	{ "a message of the monitor's", LIE_MONITORS_TYPE, ERR_INTERNAL,
	  "START is not its to send" },
	{ "a credit", LIE_CREDIT, ERR_INTERNAL, "CREDIT is not its to send" },
	{ "two bytes", LIE_SHORT_MESSAGE, ERR_INTERNAL,
	  "a message of 2 bytes" },
	{ "an empty message", LIE_EMPTY_MESSAGE, ERR_INTERNAL,
	  "was killed, or closed its socket" },
	{ "a short SLOT", LIE_SHORT_SLOT, ERR_INTERNAL,
	  "SLOT has 4 bytes, not 8" },
	{ "a long SLOT", LIE_LONG_SLOT, ERR_INTERNAL,
	  "SLOT has 12 bytes, not 8" },
	{ "an oversized message", LIE_OVERSIZED, ERR_INTERNAL,
	  "an oversized message" },
	{ "SLOT before READY", LIE_SLOT_BEFORE_READY, ERR_INTERNAL,
	  "SLOT out of order" },
	{ "DONE before READY", LIE_DONE_BEFORE_READY, ERR_INTERNAL,
	  "DONE out of order" },
	{ "READY twice", LIE_READY_TWICE, ERR_INTERNAL, "READY came twice" },
	{ "an empty slot", LIE_SLOT_EMPTY, ERR_INTERNAL, "SLOT with 0 bytes" },
	{ "a slot smaller than a head", LIE_SLOT_TINY, ERR_INTERNAL,
	  "SLOT with 7 bytes" },
	{ "a full slot", LIE_SLOT_FULL, ERR_NONE, "" },
	{ "a slot of one byte too many", LIE_SLOT_OVERFULL, ERR_INTERNAL,
	  "SLOT with 1048577 bytes" },
	{ "a slot of 2^32 - 1 bytes", LIE_SLOT_MAX, ERR_INTERNAL,
	  "SLOT with 4294967295 bytes" },
	{ "a frame that leaves its slot", LIE_FRAME_LEAVES, ERR_INTERNAL,
	  "a frame of 1 bytes leaves its slot" },
	{ "a frame of 2^32 - 1 bytes", LIE_FRAME_MAX, ERR_INTERNAL,
	  "a frame of 4294967295 bytes leaves its slot" },
	{ "a torn frame head", LIE_FRAME_TORN, ERR_INTERNAL,
	  "a torn frame head" },
	{ "a descriptor with READY", LIE_DESCRIPTOR, ERR_INTERNAL,
	  "a message with a descriptor" },
	{ "a descriptor with DONE", LIE_DESCRIPTOR_DONE, ERR_INTERNAL,
	  "a message with a descriptor" },
	{ "silence instead of READY", LIE_SILENCE_READY, ERR_LIMIT,
	  "liar stalled for 300 ms" },
	{ "silence after START", LIE_SILENCE_JOB, ERR_LIMIT,
	  "liar stalled for 300 ms" },
	{ "an end before READY", LIE_EXIT_READY, ERR_INTERNAL,
	  "ended early with status 0" },
	{ "an end without DONE", LIE_EXIT_JOB, ERR_INTERNAL,
	  "ended early with status 0" },
	{ "an end with a status", LIE_EXIT_STATUS, ERR_INTERNAL,
	  "ended early with status 3" },
	{ "a crash", LIE_CRASH, ERR_INTERNAL, "crashed with signal 11" },
	{ "a closed socket", LIE_CLOSE, ERR_INTERNAL,
	  "was killed, or closed its socket" },
	{ "a failure", LIE_FAIL_FORMAT, ERR_FORMAT, "liar: a torn file" },
	{ "failure code 0", LIE_FAIL_CODE_ZERO, ERR_INTERNAL,
	  "FAILED with code 0" },
	{ "an unknown failure code", LIE_FAIL_CODE_HIGH, ERR_INTERNAL,
	  "FAILED with code 7" },
	{ "an impossible errno", LIE_FAIL_ERRNO, ERR_INTERNAL,
	  "FAILED with errno 4096" },
	{ "a failure that drives the terminal", LIE_FAIL_UNPRINTABLE,
	  ERR_INTERNAL, "FAILED with unprintable text" },
	{ "a failure in broken UTF-8", LIE_FAIL_BAD_UTF8, ERR_INTERNAL,
	  "FAILED with unprintable text" },
	{ "a failure without text", LIE_FAIL_EMPTY, ERR_INTERNAL,
	  "FAILED with 0 bytes" },
	{ "a failure of 512 bytes", LIE_FAIL_MAX, ERR_LIMIT, "liar: xxxx" },
	{ "a failure of 513 bytes", LIE_FAIL_LONG, ERR_INTERNAL,
	  "FAILED with 513 bytes" },
	{ "a worker that cuts the ring", LIE_SHRINK, ERR_NONE, "" },
	{ "a slot changed afterwards", LIE_CHANGE, ERR_NONE, "" },
	{ "a verdict", LIE_VERDICT, ERR_NONE, "" },
	{ "a slot instead of a verdict", LIE_VERDICT_SLOT, ERR_INTERNAL,
	  "SLOT is no answer to its job" },
	{ "a verdict instead of a slot", LIE_VERDICT_UNASKED, ERR_INTERNAL,
	  "VERDICT is no answer to its job" },
	{ "a verdict of one byte less", LIE_VERDICT_SHORT, ERR_INTERNAL,
	  "VERDICT has " },
	{ "a verdict before READY", LIE_VERDICT_EARLY, ERR_INTERNAL,
	  "VERDICT out of order" },
	{ "96 verdicts", LIE_VERDICT_MOST, ERR_NONE, "" },
	{ "97 verdicts", LIE_VERDICT_FLOOD, ERR_INTERNAL,
	  "more than 96 verdicts" },
	{ "a verdict of no kind", LIE_VERDICT_KIND, ERR_INTERNAL,
	  "a verdict of verify-worker" },
	{ "a verdict about a pinned part", LIE_VERDICT_PART, ERR_INTERNAL,
	  "about no piece of evidence" },
	{ "a verdict about line 65", LIE_VERDICT_LINE, ERR_INTERNAL,
	  "about no piece of evidence" },
	{ "a verdict with 1025 bytes of signature", LIE_VERDICT_LONG,
	  ERR_INTERNAL, "a verdict of verify-worker" },
	{ "a verdict whose subject has no end", LIE_VERDICT_TEXT, ERR_INTERNAL,
	  "subject" },
	{ "a verdict that drives the terminal", LIE_VERDICT_ESCAPE,
	  ERR_INTERNAL, "reason" },
	{ "a bare signature with identities", LIE_VERDICT_MASK, ERR_INTERNAL,
	  "identities" },
};

static int helpers = -1;

static struct worker_spec spec_of(int input)
{
	return (struct worker_spec){ .program = "liar",
		                     .folder = helpers,
		                     .account = PLAY_ACCOUNT,
		                     /* The liar has no sandbox; these are
		                      * the looser limits. */
		                     .profile = SANDBOX_NETWORK,
		                     .inputs = { input },
		                     .input_count = 1,
		                     .stall_ms = SHORT_STALL };
}

static enum message_answer answer_to(enum lie lie)
{
	return lie >= LIE_VERDICT && lie < LIE_VERDICT_LAST ? ANSWER_VERDICTS
	                                                    : ANSWER_SLOTS;
}

static int take_answer(struct worker *worker, enum message_answer answer,
                       struct err *err)
{
	struct evidence_verdict verdict;
	struct frame frame;

	return answer == ANSWER_VERDICTS
	               ? worker_next_verdict(worker, &verdict, err)
	               : worker_next_frame(worker, &frame, err);
}

static int play(enum lie lie, struct err *err)
{
	const uint8_t byte = (uint8_t)lie;
	AUTO_CLOSE int input = play_file(&byte, 1);
	AUTO_WORKER struct worker worker = WORKER_NONE;
	struct worker_spec spec = spec_of(input);
	int got;

	spec.answer = answer_to(lie);
	if (worker_start(&spec, &worker, err) < 0)
		return -1;
	do
		got = take_answer(&worker, spec.answer, err);
	while (got > 0);
	return got;
}

static void each_lie_is_one_clear_error(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct lie_case *c = &cases[i];
		struct err err = { .code = ERR_NONE };
		char text[ERR_TEXT_MAX] = "";
		int got = play(c->lie, &err);

		if (got < 0)
			(void)err_format(&err, text, sizeof text);
		if ((got < 0) != (c->code != ERR_NONE) || err.code != c->code)
			fail_msg("%s: got %d, code %d: %s", c->name, got,
			         (int)err.code, text);
		if (strstr(text, c->text) == NULL)
			fail_msg("%s: says '%s'", c->name, text);
		play_assert_reaped(c->name);
	}
}

/* It never reads a credit, so the monitor notices when these fill up. */
static void a_flood_is_stopped(void **state)
{
	struct err err = { .code = ERR_NONE };
	char text[ERR_TEXT_MAX];

	(void)state;
	assert_int_equal(play(LIE_FLOOD, &err), -1);
	assert_int_equal(err.code, ERR_INTERNAL);
	(void)err_format(&err, text, sizeof text);
	assert_non_null(strstr(text, "does not read its messages"));
	play_assert_reaped("flood");
}

static void a_copied_slot_keeps_its_bytes(void **state)
{
	const uint8_t byte = LIE_CHANGE;
	AUTO_CLOSE int input = play_file(&byte, 1);
	AUTO_WORKER struct worker worker = WORKER_NONE;
	const struct worker_spec spec = spec_of(input);
	struct frame frame;
	struct err err;

	(void)state;
	assert_int_equal(worker_start(&spec, &worker, &err), 0);
	assert_int_equal(worker_next_frame(&worker, &frame, &err), 1);
	assert_int_equal(frame.len, 4);
	/* The lie reaches the shared memory while the frame is in use. */
	for (int64_t end = clock_monotonic_ms() + SHORT_STALL;
	     worker.ring.base[0] != 0xff && clock_monotonic_ms() < end;)
		continue;
	assert_int_equal(worker.ring.base[0], 0xff);
	assert_memory_equal(frame.data, "good", 4);
}

/* Eight bytes each LIE_DRIP_MS never are a stall, and a rate of 160. */
static void a_drip_is_a_stall(void **state)
{
	static const struct {
		const char *name;
		uint32_t rate_min;
		bool is_fast_enough;
	} rates[] = {
		{ "more than it sends", WORKER_RATE_MIN, false },
		{ "twice what it sends", 320, false },
		{ "less than it sends", 40, true },
		{ "none", 0, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
		const uint8_t byte = LIE_DRIP;
		AUTO_CLOSE int input = play_file(&byte, 1);
		AUTO_WORKER struct worker worker = WORKER_NONE;
		struct worker_spec spec = spec_of(input);
		int64_t end = clock_monotonic_ms() + 4 * (int64_t)SHORT_STALL;
		struct frame frame;
		struct err err;
		int got;

		spec.rate_min = rates[i].rate_min;
		assert_int_equal(worker_start(&spec, &worker, &err), 0);
		do
			got = worker_next_frame(&worker, &frame, &err);
		while (got == 1 && clock_monotonic_ms() < end);
		if ((got == 1) != rates[i].is_fast_enough ||
		    (got < 0 && err.code != ERR_LIMIT))
			fail_msg("a rate of %s: got %d", rates[i].name, got);
		worker_done(&worker);
		play_assert_reaped(rates[i].name);
	}
}

static void missing_programs_and_accounts_are_named(void **state)
{
	struct worker_spec spec = spec_of(STDIN_FILENO);
	struct worker worker = WORKER_NONE;
	struct err err;
	char text[ERR_TEXT_MAX];

	(void)state;
	spec.program = "no-such-worker";
	assert_int_equal(worker_start(&spec, &worker, &err), -1);
	assert_int_equal(err.code, ERR_SYSTEM);
	(void)err_format(&err, text, sizeof text);
	assert_non_null(strstr(text, "starting no-such-worker"));
	if (geteuid() == 0) {
		spec = spec_of(STDIN_FILENO);
		spec.account = "no-such-account";
		assert_int_equal(worker_start(&spec, &worker, &err), -1);
		assert_int_equal(err.code, ERR_USAGE);
		(void)err_format(&err, text, sizeof text);
		assert_non_null(strstr(text, "systemd-sysusers"));
		spec.account = "root";
		assert_int_equal(worker_start(&spec, &worker, &err), -1);
		assert_int_equal(err.code, ERR_USAGE);
	}
	assert_int_equal(worker.pid, 0);
	play_assert_reaped("missing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_lie_is_one_clear_error),
		cmocka_unit_test(a_flood_is_stopped),
		cmocka_unit_test(a_copied_slot_keeps_its_bytes),
		cmocka_unit_test(a_drip_is_a_stall),
		cmocka_unit_test(missing_programs_and_accounts_are_named),
	};

	helpers = play_open_folder("../helpers");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
