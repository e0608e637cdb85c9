/* SPDX-License-Identifier: Apache-2.0 */
/* The phases of a publication: each is done for all targets before the next
 * one is, and noted in the journal. */
#include "publish_own.h"
#include "publish_sign.h"

enum phase { INSPECT, UPLOAD, DESCRIBE, REVEAL };

/* As the journal calls them. */
static const char *const names[] = {
	[INSPECT] = "inspect",
	[UPLOAD] = "upload",
	[DESCRIBE] = "describe",
	[REVEAL] = "reveal",
};

static int call(enum phase phase, struct publish_target *target,
                struct err *err)
{
	switch (phase) {
	case INSPECT:
		return target->ops->inspect(target, err);
	case UPLOAD:
		return target->ops->upload(target, err);
	case DESCRIBE:
		return target->ops->describe(target, err);
	case REVEAL:
		return target->ops->reveal(target, err);
	}
	return err_set(err, ERR_INTERNAL, 0, "no such phase");
}

/* With --keep-going a target that cannot go on at all stops none of the
 * others. */
static int give_up(struct publish_target *target, struct err *err)
{
	if (!target->context->keep_going)
		return -1;
	for (size_t i = 0; i < target->count; i++) {
		struct err why = *err;

		if (target->items[i].state == PUBLISH_WAITING)
			(void)publish_item_fail(target, &target->items[i],
			                        &why);
	}
	return 0;
}

/* A target without one has nothing left to do, or could not even be reached:
 * then its later phases find nothing to work with. */
static bool has_waiting(const struct publish_target *target)
{
	for (size_t i = 0; i < target->count; i++)
		if (target->items[i].state == PUBLISH_WAITING)
			return true;
	return false;
}

/* Of all packages, for one target. */
static uint64_t all_bytes(const struct publishing *run)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < run->publications.count; i++)
		bytes += publication_size(run->publications.at[i]);
	return bytes;
}

static int run_phase(struct publishing *run, enum phase phase, struct err *err)
{
	for (size_t i = 0; i < run->target_count; i++) {
		struct publish_target *target = run->targets[i];

		run->done_before = i * all_bytes(run);
		if (!has_waiting(target))
			continue;
		if (call(phase, target, err) < 0) {
			if (give_up(target, err) < 0)
				return -1;
			continue;
		}
		if (publish_journal_step(&run->journal, names[phase],
		                         target->name, err) < 0)
			return -1;
	}
	return 0;
}

int publish_phases_run(struct publishing *run, struct err *err)
{
	int result;

	if (run_phase(run, INSPECT, err) < 0 ||
	    publish_sign_recall(&run->signer, &run->publications, run->targets,
	                        run->target_count, err) < 0)
		return -1;
	say_meter_begin(run->request, &run->meter, "publishing",
	                all_bytes(run) * run->target_count);
	result = run_phase(run, UPLOAD, err);
	if (result == 0)
		result = run_phase(run, DESCRIBE, err);
	say_meter_done(&run->meter);
	return result < 0 ? -1 : run_phase(run, REVEAL, err);
}
