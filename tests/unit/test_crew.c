/* SPDX-License-Identifier: Apache-2.0 */
#include "base/crew.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SLOTS  5
#define PIECES 1000

struct desk {
	size_t in[SLOTS];  /* the number of a piece */
	size_t out[SLOTS]; /* its square */
	unsigned threads;
	size_t fail_at; /* the piece whose work fails; SIZE_MAX: none */
};

static int square(void *context, unsigned thread, size_t slot, struct err *err)
{
	struct desk *desk = context;

	if (thread >= desk->threads)
		return err_set(err, ERR_INTERNAL, 0, "thread %u", thread);
	if (desk->in[slot] == desk->fail_at)
		return err_set(err, ERR_CONFLICT, 0, "piece %zu",
		               desk->in[slot]);
	desk->out[slot] = desk->in[slot] * desk->in[slot];
	return 0;
}

/* Give as much as there is room for, take one, and so on; @taken counts the
 * pieces that came back right. */
static int work_through(struct crew *crew, struct desk *desk, size_t *taken,
                        struct err *err)
{
	size_t given = 0;
	size_t slot = SIZE_MAX;
	int got;

	for (*taken = 0;; (*taken)++) {
		for (; given < PIECES && crew_has_room(crew, &slot); given++) {
			desk->in[slot] = given;
			crew_give(crew);
		}
		got = crew_take(crew, &slot, err);
		if (got <= 0)
			return got;
		if (desk->out[slot] != *taken * *taken)
			fail_msg("piece %zu is out of order", *taken);
	}
}

static struct crew *hire(struct desk *desk, unsigned threads)
{
	const struct crew_plan plan = { threads, SLOTS, square, desk };
	struct crew *crew = NULL;
	struct err err;

	memset(desk, 0, sizeof *desk);
	desk->threads = threads;
	desk->fail_at = SIZE_MAX;
	assert_int_equal(crew_new(&plan, &crew, &err), 0);
	return crew;
}

static void work_comes_back_in_order(void **state)
{
	(void)state;
	for (unsigned threads = 1; threads <= CREW_THREADS_MAX; threads *= 2) {
		struct desk desk;
		struct crew *crew = hire(&desk, threads);
		struct err err;
		size_t taken;

		assert_int_equal(work_through(crew, &desk, &taken, &err), 0);
		assert_int_equal(taken, PIECES);
		crew_free(crew);
	}
}

static void the_slot_taken_last_is_not_given_again(void **state)
{
	struct desk desk;
	struct crew *crew = hire(&desk, 2);
	size_t slot = SIZE_MAX;
	size_t taken = SIZE_MAX;
	struct err err;

	(void)state;
	for (int i = 0; i < SLOTS - 1; i++) {
		assert_true(crew_has_room(crew, &slot));
		crew_give(crew);
	}
	assert_int_equal(crew_take(crew, &taken, &err), 1);
	assert_true(crew_has_room(crew, &slot));
	assert_int_not_equal(slot, taken);
	crew_give(crew);
	assert_false(crew_has_room(crew, &slot));
	crew_free(crew);
}

static void a_failure_comes_in_its_turn(void **state)
{
	(void)state;
	for (size_t at = 0; at < PIECES; at += 333) {
		struct desk desk;
		struct crew *crew = hire(&desk, 3);
		struct err err = { .code = ERR_NONE };
		size_t taken;

		desk.fail_at = at;
		assert_int_equal(work_through(crew, &desk, &taken, &err), -1);
		assert_int_equal(err.code, ERR_CONFLICT);
		assert_int_equal(taken, at);
		crew_free(crew);
	}
}

static void a_crew_without_work_ends(void **state)
{
	struct desk desk;
	struct crew *crew = hire(&desk, 4);
	size_t slot = SIZE_MAX;
	struct err err;

	(void)state;
	assert_int_equal(crew_take(crew, &slot, &err), 0);
	assert_int_equal(slot, SIZE_MAX);
	crew_free(crew);
	crew_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(work_comes_back_in_order),
		cmocka_unit_test(the_slot_taken_last_is_not_given_again),
		cmocka_unit_test(a_failure_comes_in_its_turn),
		cmocka_unit_test(a_crew_without_work_ends),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
