/* SPDX-License-Identifier: Apache-2.0 */
#include "remote.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/disk.h"
#include "base/fs.h"
#include "base/text.h"
#include "report.h"
#include "store/space.h"
#include "store/spool.h"

/* The worker shows itself each half second; this is the backstop, and longer
 * than any pause that a server may ask for. */
#define STALL_MS ((int64_t)150 * 1000)
#define EVENT_MS 1000

int remote_forget(struct remote *remote, struct err *err)
{
	if (!remote->is_named)
		return 0;
	/* Under its name may soon lie another run's. */
	remote->is_named = false;
	return spool_remove(remote->host->root, remote->host->app, err);
}

void remote_blame(struct remote *remote, const struct err *failure)
{
	if (failure->code == ERR_FORMAT || failure->code == ERR_UNTRUSTED)
		remote->is_wrong = true;
}

/* A file of the payload's size that is one hole is no begun download. */
static bool has_bytes(int fd)
{
	return lseek(fd, 0, SEEK_DATA) >= 0 || errno != ENXIO;
}

void remote_done(struct remote *remote)
{
	struct err ignored;

	worker_done(&remote->worker);
	/* Where it stays, the next run takes it away. */
	if (remote->is_named && (remote->is_wrong || !has_bytes(remote->spool)))
		(void)!remote_forget(remote, &ignored);
	cleanup_close(&remote->plan);
	cleanup_close(&remote->spool);
	*remote = REMOTE_NONE;
}

int remote_spool(const struct remote *remote)
{
	return remote->spool;
}

int remote_begun_spool(const struct remote *remote)
{
	return remote->was_begun ? remote->spool : -1;
}

/* --- starting --- */

static int write_memory(int fd, const void *data, size_t size, struct err *err)
{
	if (pwrite(fd, data, size, 0) != (ssize_t)size)
		return err_set(err, ERR_SYSTEM, errno,
		               "preparing the download");
	return 0;
}

/* Something for the worker that is larger than a message. */
static int open_memory(const char *name, const void *data, size_t size,
                       struct err *err)
{
	AUTO_CLOSE int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "preparing the download");
	if (write_memory(fd, data, size, err) < 0)
		return -1;
	return TAKE_FD(fd);
}

/* Who only looks leaves nothing, and a second run does not wait for the first.
 */
static int open_spool(struct remote *remote, struct err *err)
{
	const struct request *request = remote->request;

	if (request->verify_only || request->dry_run)
		return host_open_unnamed(remote->host, err);
	remote->spool = spool_open(remote->host->root, remote->host->app,
	                           &remote->was_begun, err);
	if (remote->spool < 0 && err->code == ERR_LOCKED)
		return host_open_unnamed(remote->host, err);
	remote->is_named = remote->spool >= 0;
	return remote->spool;
}

/* Returns whether it is there. */
static uint32_t add_input(struct worker_spec *spec, int input)
{
	if (input < 0)
		return 0;
	spec->inputs[spec->input_count++] = input;
	return 1;
}

/* A credential, or a lockfile, in memory; @out stays as it is where there is
 * none. */
static int open_secret(struct bytes secret, int *out, struct err *err)
{
	if (secret.len == 0)
		return 0;
	*out = open_memory("credential", secret.data, secret.len, err);
	return *out < 0 ? -1 : 0;
}

static int start_worker(struct remote *remote, struct fetch_request *wanted,
                        const struct remote_inputs *inputs, struct err *err)
{
	AUTO_CLOSE int request = -1;
	AUTO_CLOSE int token = -1;
	AUTO_CLOSE int docker_config = -1;
	AUTO_CLOSE int lock = -1;
	struct worker_spec spec = {
		.program = "fetch-worker",
		.folder = remote->host->workers,
		.account = "tidegate-fetch",
		.profile = SANDBOX_NETWORK,
		.mode = sandbox_mode_of(&remote->host->settings),
		.inputs = { -1, remote->plan, remote->spool },
		.input_count = 3,
		.stall_ms = STALL_MS,
	};

	if (open_secret(inputs->token, &token, err) < 0 ||
	    open_secret(inputs->docker_config, &docker_config, err) < 0 ||
	    open_secret(inputs->lock, &lock, err) < 0)
		return -1;
	wanted->has_authorities = add_input(&spec, inputs->authorities);
	wanted->has_token = add_input(&spec, token);
	wanted->has_docker_config = add_input(&spec, docker_config);
	wanted->has_lock = add_input(&spec, lock);
	request = open_memory("request", wanted, sizeof *wanted, err);
	if (request < 0)
		return -1;
	spec.inputs[0] = request;
	return worker_start(&spec, &remote->worker, err);
}

/* --- texts and signs of life --- */

static int broken(const char *what, struct err *err)
{
	return err_set(err, ERR_FORMAT, 0, "fetch-worker sent %s", what);
}

/* 1 when the text is complete. */
static int take_text(struct remote *remote, const struct frame *frame,
                     struct err *err)
{
	if (frame->len > sizeof remote->text - 1 - remote->text_len)
		return broken("a text that is too long", err);
	memcpy(remote->text + remote->text_len, frame->data, frame->len);
	remote->text_len += frame->len;
	if (frame->len > 0)
		return 0;
	remote->text[remote->text_len] = '\0';
	remote->text_len = 0;
	if (!text_is_printable(remote->text, strlen(remote->text)))
		return broken("an unprintable text", err);
	return 1;
}

static int take_note(struct remote *remote, const struct frame *frame,
                     struct err *err)
{
	int got = take_text(remote, frame, err);

	if (got == 1 && remote->meter != NULL)
		report_meter_done(remote->meter);
	if (got == 1) {
		report_step(remote->request, "%s", remote->text);
		report_event(remote->request, "note", remote->text, 0, 0);
	}
	return got < 0 ? -1 : 0;
}

/* The next frame that is no note and no mere sign of life. */
static int next_frame(struct remote *remote, struct frame *out, struct err *err)
{
	for (;;) {
		int got = worker_next_frame(&remote->worker, out, err);

		if (got <= 0)
			return got;
		if (out->number == FETCH_ITEM_ALIVE)
			continue;
		if (out->number != FETCH_ITEM_NOTE)
			return 1;
		if (take_note(remote, out, err) < 0)
			return -1;
	}
}

static int take_origin(struct remote *remote, char *origin, size_t size,
                       struct err *err)
{
	struct frame frame;
	int got = 0;

	while (got == 0) {
		got = next_frame(remote, &frame, err);
		if (got == 0 || (got == 1 && frame.number != FETCH_ITEM_ORIGIN))
			return broken("no origin", err);
		if (got == 1)
			got = take_text(remote, &frame, err);
	}
	if (got < 0)
		return -1;
	if (strlen(remote->text) >= size || strchr(remote->text, ';') != NULL)
		return broken("an origin that no receipt can hold", err);
	(void)snprintf(origin, size, "%s", remote->text);
	return 0;
}

int remote_start(const struct request *request, const struct host *host,
                 struct fetch_request *wanted,
                 const struct remote_inputs *inputs, char *origin, size_t size,
                 struct remote *out, struct err *err)
{
	static const struct fetch_plan none;
	struct remote remote = REMOTE_NONE;

	remote.request = request;
	remote.host = host;
	remote.plan = open_memory("plan", &none, sizeof none, err);
	if (remote.plan >= 0)
		remote.spool = open_spool(&remote, err);
	if (remote.spool < 0 ||
	    start_worker(&remote, wanted, inputs, err) < 0 ||
	    take_origin(&remote, origin, size, err) < 0) {
		remote_done(&remote);
		return -1;
	}
	*out = remote;
	return 0;
}

/* --- the parts --- */

/* The item that ends them, of which @frame is the first. */
static int end_parts(struct remote *remote, const struct frame *frame,
                     struct err *err)
{
	struct frame end;
	int got;

	if (frame->len != sizeof remote->count)
		return broken("no count of its requests", err);
	memcpy(&remote->count, frame->data, sizeof remote->count);
	if (remote->count.further > 1)
		return broken("a count of its requests without sense", err);
	got = next_frame(remote, &end, err);
	if (got < 0)
		return -1;
	if (got == 0 || end.number != FETCH_ITEM_PARTS_END || end.len != 0)
		return broken("a count of its requests that does not end", err);
	return 0;
}

int remote_next(struct remote *remote, struct frame *out, struct err *err)
{
	int got = next_frame(remote, out, err);

	if (got < 0)
		return -1;
	if (got == 0)
		return broken("an end before its time", err);
	return out->number == FETCH_ITEM_PARTS_END ? end_parts(remote, out, err)
	                                           : 1;
}

size_t remote_ranges_max(const struct remote *remote)
{
	uint64_t used =
		remote->asked + remote->count.sent + remote->count.further;

	return used < REQUESTS_MAX ? (size_t)(REQUESTS_MAX - used) : 1;
}

uint64_t remote_requests(const struct remote *remote, size_t ranges)
{
	if (ranges == 0)
		return remote->asked;
	return remote->asked + remote->count.further + ranges;
}

/* --- the patch --- */

static int take_answer(struct remote *remote, struct fetch_answer *out,
                       struct err *err)
{
	struct frame frame;
	int got = next_frame(remote, &frame, err);

	if (got < 0)
		return -1;
	if (got == 0 || frame.number != FETCH_ITEM_HAS_PATCH ||
	    frame.len != sizeof *out)
		return broken("no answer whether there is a patch", err);
	memcpy(out, frame.data, sizeof *out);
	got = next_frame(remote, &frame, err);
	if (got < 0)
		return -1;
	if (got == 0 || frame.number != FETCH_ITEM_HAS_PATCH ||
	    frame.len != 0 || out->has > 1)
		return broken("an answer without sense", err);
	return 0;
}

int remote_has_patch(struct remote *remote, const struct release_patch *patch,
                     struct err *err)
{
	const struct fetch_plan question = { .asks = 1,
		                             .patch_id = patch->id,
		                             .patch_size = patch->pin.size };
	struct fetch_answer answer;

	if (write_memory(remote->plan, &question, sizeof question, err) < 0 ||
	    worker_go(&remote->worker, err) < 0 ||
	    take_answer(remote, &answer, err) < 0)
		return -1;
	remote->asked = answer.sent;
	return (int)answer.has;
}

/* --- the payload --- */

static uint64_t planned_bytes(const struct fetch_plan *plan)
{
	uint64_t bytes = plan->patch_size - plan->patch_from;

	for (uint32_t i = 0; i < plan->count; i++)
		bytes += plan->ranges[i].len;
	return bytes;
}

static struct spool_patch place_of(const struct fetch_plan *plan)
{
	return (struct spool_patch){ .at = plan->payload_size,
		                     .size = plan->patch_size,
		                     .sha256 = plan->patch_sha256 };
}

static uint64_t spool_size(const struct fetch_plan *plan)
{
	const struct spool_patch patch = place_of(plan);

	return plan->patch_size > 0 ? spool_patch_end(&patch)
	                            : plan->payload_size;
}

/* Its size first, so that what was there of something else is no patch. */
static int prepare_spool(const struct remote *remote,
                         const struct fetch_plan *plan, struct err *err)
{
	const struct spool_patch patch = place_of(plan);

	if (plan->patch_size > 0 && plan->patch_from == 0 &&
	    disk_truncate("remote.no-patch", remote->spool, plan->payload_size,
	                  err) < 0)
		return -1;
	if (disk_truncate("remote.size", remote->spool, spool_size(plan), err) <
	    0)
		return -1;
	return plan->patch_size > 0
	               ? spool_note_patch(remote->spool, &patch, err)
	               : 0;
}

/* What comes is bounded by what was signed, and must leave its room free. */
static int check_space(const struct remote *remote, uint64_t bytes,
                       struct err *err)
{
	uint64_t reserve = remote->host->settings.reserve;
	struct space there;

	if (space_free(remote->spool, &there, err) < 0)
		return -1;
	if (there.bytes > reserve && there.bytes - reserve >= bytes)
		return 0;
	return err_set(err, ERR_SYSTEM, ENOSPC,
	               "%llu bytes are free for a download of %llu, and %llu "
	               "must stay so ([install] reserve)",
	               (unsigned long long)there.bytes,
	               (unsigned long long)bytes, (unsigned long long)reserve);
}

/* The worker writes by itself: it must not write more than the payload, nor
 * into the reserve, whatever it was asked for. */
static int check_spool(const struct remote *remote, uint64_t size,
                       struct err *err)
{
	uint64_t reserve = remote->host->settings.reserve;
	struct space there;
	struct stat st;

	if (space_free(remote->spool, &there, err) < 0)
		return -1;
	if (there.bytes < reserve)
		return err_set(err, ERR_SYSTEM, ENOSPC,
		               "%llu bytes are free, and %llu must stay so "
		               "([install] reserve)",
		               (unsigned long long)there.bytes,
		               (unsigned long long)reserve);

	if (fstat(remote->spool, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "looking at the download");
	if ((uint64_t)st.st_size > size)
		return broken("more than the payload has", err);
	return 0;
}

/* On a terminal a line that moves; for programs an event a second. */
static void show_progress(struct remote *remote, uint64_t done, uint64_t total)
{
	int64_t now = clock_monotonic_ms();

	report_meter(remote->meter, done);
	if (now - remote->told_ms < EVENT_MS)
		return;
	remote->told_ms = now;
	report_event(remote->request, "fetching", NULL, done, total);
}

/* @bytes: out, how many came, as the worker says. */
static int watch(struct remote *remote, const struct fetch_plan *plan,
                 uint64_t *bytes, struct err *err)
{
	struct frame frame;
	int got;

	while ((got = next_frame(remote, &frame, err)) == 1) {
		if (frame.number != FETCH_ITEM_PROGRESS)
			return broken("what nobody asked for", err);
		if (check_spool(remote, spool_size(plan), err) < 0)
			return -1;
		if (frame.len != sizeof *bytes)
			continue; /* the end of the item, or torn: not for us */
		memcpy(bytes, frame.data, sizeof *bytes);
		show_progress(remote, *bytes, planned_bytes(plan));
	}
	return got;
}

int remote_payload(struct remote *remote, const struct fetch_plan *plan,
                   struct err *err)
{
	AUTO_METER struct meter meter = METER_NONE;
	int64_t began = clock_monotonic_ms();
	uint64_t bytes = 0;
	int64_t tenths;
	int result;

	if (remote->has_payload)
		return 0;
	report_meter_begin(remote->request, &meter, "fetching",
	                   planned_bytes(plan));
	if (check_space(remote, planned_bytes(plan), err) < 0 ||
	    prepare_spool(remote, plan, err) < 0 ||
	    write_memory(remote->plan, plan, sizeof *plan, err) < 0 ||
	    worker_go(&remote->worker, err) < 0)
		return -1;
	remote->meter = &meter;
	result = watch(remote, plan, &bytes, err);
	remote->meter = NULL;
	if (result < 0 || check_spool(remote, spool_size(plan), err) < 0)
		return -1;
	remote->has_payload = true;
	report_meter_done(&meter);
	report_event(remote->request, "fetched", NULL, bytes,
	             planned_bytes(plan));
	tenths = (clock_monotonic_ms() - began) / 100;
	report_step(remote->request,
	            "fetched %llu bytes of the %s in %lld.%lld s",
	            (unsigned long long)bytes,
	            plan->patch_size > 0 ? "patch" : "payload",
	            (long long)(tenths / 10), (long long)(tenths % 10));
	return 0;
}
